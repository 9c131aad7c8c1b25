#!/usr/bin/env node
// Starts webserv with the Deno that the package "deno" brings along: this
// process waits, hands signals on, and ends as webserv does.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/** The executable of Deno: that of the platform's package. */
function findDeno() {
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  const own = path.dirname(require.resolve("deno/package.json"));
  if (fs.existsSync(path.join(own, name))) return path.join(own, name);
  // Where npm runs no install scripts, Deno's own launcher puts it there.
  return require(path.join(own, "install_api.cjs")).runInstall();
}

function fail(message) {
  console.error(`webserv: ${message}`);
  process.exit(1);
}

function start() {
  let deno;
  try {
    deno = findDeno();
  } catch (error) {
    fail(
      `there is no Deno for ${process.platform}-${process.arch}: ` +
        `${error.message}\n  Install with optional dependencies ` +
        `(npm install --include=optional).`,
    );
  }
  const program = path.join(__dirname, "..", "program");
  const { flags, signals } = JSON.parse(
    fs.readFileSync(path.join(program, "launch.json"), "utf8"),
  );
  const child = spawn(
    deno,
    [
      "run",
      ...flags,
      path.join(program, "main.js"),
      ...process.argv.slice(2),
    ],
    { stdio: "inherit", windowsHide: true },
  );
  for (const signal of signals) {
    try {
      process.on(signal, () => {
        // A terminal sends it to both; what has ended needs none.
        if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
      });
    } catch {
      // This system does not know it.
    }
  }
  child.on(
    "error",
    (error) => fail(`${deno} does not start: ${error.message}`),
  );
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    // As the shell would tell of it.
    process.exit(128 + (os.constants.signals[signal] || 0));
  });
}

start();
