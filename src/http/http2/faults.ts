/** What a client does that ends its connection, by kind (RFC 9113 §5.4.1). */

import { ConnectionFault, ErrorCode } from "./frames.ts";

/** It has sent what may not be sent, or not there. */
export function protocolError(what: string): ConnectionFault {
  return new ConnectionFault(ErrorCode.ProtocolError, `client ${what}`);
}

/** It begins anew a stream that has ended. */
export function reusedStream(): ConnectionFault {
  return new ConnectionFault(
    ErrorCode.StreamClosed,
    "client sent HEADERS on a closed stream",
  );
}

/** A frame of a type that has another length. */
export function wrongSize(what: string): ConnectionFault {
  return new ConnectionFault(
    ErrorCode.FrameSizeError,
    `client sent ${what} frame with incorrect length`,
  );
}

/** It has sent more than its window, or made one larger than there can be. */
export function overrun(): ConnectionFault {
  return new ConnectionFault(
    ErrorCode.FlowControlError,
    "client violated flow control",
  );
}

/** It costs more than it brings. */
export function calm(what: string): ConnectionFault {
  return new ConnectionFault(ErrorCode.EnhanceYourCalm, what);
}
