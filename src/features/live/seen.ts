/** What in a folder may be a part of a page. */

import { relative } from "@std/path/relative";

/** What none is made of: `.git`, and what editors leave for a moment. */
const UNSEEN = /(?:^|[/\\])(?:\.[^/\\]+|4913)(?:[/\\]|$)|~$/;

/** Whether the file at `path`, in `folder`, may be a part of a page. */
export function isSeen(folder: string, path: string): boolean {
  return !UNSEEN.test(relative(folder, path));
}
