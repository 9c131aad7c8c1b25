/** What a rule of the lint is. */

import type { SourcePlace } from "../config/errors.ts";
import type { Subject } from "./subject.ts";

/** Something that is not wrong, and mostly not meant. */
export interface Finding {
  /** Where it stands. */
  readonly place: SourcePlace;
  /** What is odd, without the place. */
  readonly what: string;
  /** What to write instead. */
  readonly advice: string;
}

/** A certificate that an example needs: `NAME.crt` and `NAME.key`. */
export interface ExampleCertificate {
  /** The names it is for. */
  readonly names: readonly string[];
  /** How many days it is good for. */
  readonly days: number;
}

/** A configuration that shows what a rule is about. */
export interface Example {
  /**
   * The file. The lines that are warned of end with `# here`; in one without
   * any, nothing is found.
   */
  readonly text: string;
  /** The files beside it, and what is in them. */
  readonly files?: Readonly<Record<string, string>>;
  /** Certificates beside it, by name. */
  readonly certificates?: Readonly<Record<string, ExampleCertificate>>;
}

/** A rule. */
export interface Rule {
  /** Its name, by which it is switched off. */
  readonly name: string;
  /** What it finds, as one sentence of the reference page. */
  readonly finds: string;
  /** Why that matters, as another one. */
  readonly why: string;
  /** Configurations in which it finds something, and in which it does not. */
  readonly examples: readonly Example[];
  /** Looks. What it finds twice at one place is told once. */
  check(subject: Subject): Iterable<Finding> | AsyncIterable<Finding>;
}
