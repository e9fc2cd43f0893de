/** What an emulated phone is, as looks at phones call it. */
export type Processor = keyof typeof PROCESSORS;

/** Each needs an emulator, a Debian that was built for it, and a kernel's package, which names its architecture where that is another. */
export const PROCESSORS = {
  // As in a Nexus 5 and its like.
  armv7l: {
    emulator: "qemu-system-arm",
    hardware: ["-M", "virt,highmem=off", "-cpu", "cortex-a15"],
    architectures: "armhf",
    kernel: "linux-image-armmp",
  },
  // The small cores of a Pixel 4 are of the same design.
  aarch64: {
    emulator: "qemu-system-aarch64",
    hardware: ["-M", "virt", "-cpu", "cortex-a53"],
    architectures: "arm64",
    kernel: "linux-image-arm64",
  },
  // The same with 32-bit programs only: its kernel says aarch64, and its engine takes 32-bit images.
  armv8l: {
    emulator: "qemu-system-aarch64",
    hardware: ["-M", "virt", "-cpu", "cortex-a53"],
    architectures: "armhf,arm64",
    kernel: "linux-image-arm64:arm64",
  },
} as const;

/** What a phone has where nothing else is asked for. */
export const DEFAULT_PROCESSOR: Processor = "armv7l";
