/** The processor of an emulated phone, as its own `uname -m` calls it. */
export type Processor = keyof typeof PROCESSORS;

/** Each needs an emulator, and a Debian that was built for it. */
export const PROCESSORS = {
  // As in a Nexus 5 and its like.
  armv7l: {
    emulator: "qemu-system-arm",
    hardware: ["-M", "virt,highmem=off", "-cpu", "cortex-a15"],
    architecture: "armhf",
    kernel: "linux-image-armmp",
  },
  // The small cores of a Pixel 4 are of the same design.
  aarch64: {
    emulator: "qemu-system-aarch64",
    hardware: ["-M", "virt", "-cpu", "cortex-a53"],
    architecture: "arm64",
    kernel: "linux-image-arm64",
  },
} as const;

/** What a phone has where nothing else is asked for. */
export const DEFAULT_PROCESSOR: Processor = "armv7l";
