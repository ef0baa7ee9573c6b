// Starts `p4bpf lsp` and connects the editor with it. The client sends the settings under `p4bpf` when they change.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const RESTART_OF = ["p4bpf.command"]; // settings that only a new server takes over
let client;

function make_client() {
  const settings = vscode.workspace.getConfiguration("p4bpf");
  const server = { command: settings.get("command"), args: ["lsp"], transport: TransportKind.stdio };
  return new LanguageClient("p4bpf", "P4 language server", server, {
    documentSelector: [{ scheme: "file", language: "p4" }, { scheme: "untitled", language: "p4" }],
    initializationOptions: settings,
    synchronize: {
      configurationSection: "p4bpf",
      fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{p4,p4h,h}"),
    },
  });
}

async function start() {
  client = make_client();
  try {
    await client.start();
  } catch (failure) {
    const command = vscode.workspace.getConfiguration("p4bpf").get("command");
    vscode.window.showErrorMessage(`'${command} lsp' does not start (${failure}); set p4bpf.command to the program's path`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.needsStop()) await old.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("p4bpf.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (RESTART_OF.some((name) => event.affectsConfiguration(name))) restart();
    })
  );
  await start();
}

module.exports = { activate, deactivate: stop };
