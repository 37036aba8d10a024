export { createDevelopmentRoot } from "./development-root/root.ts";
export { simulatedMeasurement } from "./enclave/simulated-platform.ts";
