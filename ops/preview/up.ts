import { runWithRefresh } from "./with-refresh";

void runWithRefresh("up", process.argv.slice(2));
