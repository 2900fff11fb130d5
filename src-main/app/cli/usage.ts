import { Problem } from '#common/base/errors';

/** A command line that cannot be understood: its cause, and where to read more. */
export function usageProblem(message: string, command?: string): Problem {
  const help = command ? `pilothouse ${command} --help` : 'pilothouse --help';
  return new Problem('usage', message, { nextStep: `See ${help}.` });
}

export const generalHelp = `Pilothouse: a desktop app for Kubernetes clusters, with whole sandbox clusters that need nothing installed.

Usage:
  pilothouse [--no-open]                  open the desktop window, or a browser where there is no desktop
  pilothouse web [--port N] [--no-open]   serve the window to a browser on this computer
  pilothouse sandbox COMMAND              start, list, stop and delete sandbox clusters
  pilothouse --version
  pilothouse --help

Everything is kept in the platform's folders; PILOTHOUSE_HOME names another one.`;

export const webHelp = `Serves the window to a browser on this computer.

Usage:
  pilothouse web [--port N] [--no-open]

  --port N     listen on 127.0.0.1:N; a free port unless given
  --no-open    only print the address: it carries the key of this launch`;

export const sandboxHelp = `Sandbox clusters: whole simulated Kubernetes clusters, one process each.

Usage:
  pilothouse sandbox start NAME [options]  start a new one, or one that was stopped; joins the one that runs
  pilothouse sandbox list [--json]
  pilothouse sandbox stop NAME
  pilothouse sandbox delete NAME           stop it and remove everything it kept
  pilothouse sandbox kubeconfig NAME       print the kubeconfig of its administrator
  pilothouse sandbox add-node NAME [--name NODE] [--cpu N] [--memory AMOUNT]
                                           let one more simulated node join the running cluster

Options of start:
  --nodes N                simulated nodes of a new cluster (3)
  --scenario S             what a new cluster starts with (starter; kubeadm or empty for less)
  --port N                 the API server's port on 127.0.0.1
  --ephemeral              keep nothing: it is gone when it stops
  --foreground             serve it from this terminal and print what happens; Ctrl-C stops it
  --write-kubeconfig FILE  write the kubeconfig into a file of its own
  --merge-kubeconfig       add its context to your kubeconfig ($KUBECONFIG or ~/.kube/config)`;
