import type { HostFrame, WindowFrame } from '#common/contract/wire';
import { describeChannel } from '#test/contracts/channel';
import { memoryChannels } from '#test/contracts/memory-channel';

describeChannel('memory', async () => {
  const { left, right } = memoryChannels<WindowFrame, HostFrame>();
  return { window: left, host: right, close: async () => left.close() };
});
