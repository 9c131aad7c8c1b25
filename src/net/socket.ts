/** What a connection is read from and written to. */

/** The part of `Deno.TcpConn` a connection needs. */
export type Socket =
  & Pick<
    Deno.Conn,
    "read" | "write" | "close" | "closeWrite" | "localAddr" | "remoteAddr"
  >
  & Partial<Pick<Deno.TcpConn, "setNoDelay">>
  & {
    /** Closes so that the client knows it has got everything (TLS). */
    finish?(): void;
  };
