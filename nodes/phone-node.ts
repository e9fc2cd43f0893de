import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { AGENT_SOCKET } from "../observe/ssh-config";
import { describeChanges } from "../plan/phone-effect";
import type { PlannedNode } from "../plan/plan";
import { setUpEngineScript, undoScript } from "./phone-scripts";

/** What a {@link PhoneNode} is made from. */
export interface PhoneNodeArgs {
  /** Settled facts about the phone: plain data, so names and counts never wait on an Output. */
  readonly node: PlannedNode;
}

/** One phone with a running Docker Engine that its peers can reach. Joining the swarm is another component's job. */
export class PhoneNode extends pulumi.ComponentResource {
  constructor(name: string, { node }: PhoneNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cloudlet:nodes:PhoneNode", name, {}, opts);
    // Apart from the engine, because a remote command's delete fails on a phone that is gone.
    const undo = new local.Command(
      `${name}-undo`,
      {
        // By name, as the provider's errors quote the whole command.
        delete: 'eval "$UNDO"',
        environment: { UNDO: undoScript(node) },
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );
    const engine = new remote.Command(
      `${name}-engine`,
      {
        connection: {
          host: node.address,
          port: node.port,
          user: node.user,
          hostKey: node.hostKey,
          agentSocketPath: AGENT_SOCKET,
          dialErrorLimit: 3,
          perDialTimeout: 10,
        },
        create: ["sh -s --", node.nextRepair, ...node.words].join(" "),
        stdin: setUpEngineScript(node),
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: [undo],
        // The number counts only where a look found that something has to be repaired.
        ignoreChanges: node.waits ? ["*"] : node.drift.engine.length === 0 ? ["create"] : [],
      },
    );
    // What the look found, so that an update says why it comes.
    const { drift, effects } = node;
    if (drift.engine.length > 0) {
      void pulumi.log.info(describeChanges(drift.engine, effects.engine), engine);
    }
    this.registerOutputs({});
  }
}
