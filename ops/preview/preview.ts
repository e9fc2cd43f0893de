import { runWithRefresh } from "./with-refresh";

void runWithRefresh("preview", process.argv.slice(2));
