import { describe, expect, it } from 'vitest';
import { planBounds, type Rectangle } from './window-state';

const left: Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };
const right: Rectangle = { x: 1920, y: 0, width: 2560, height: 1440 };
const saved = (x: number, y: number, width = 1000, height = 700) => ({
  bounds: { x, y, width, height },
  isMaximized: false,
});

describe('planBounds', () => {
  it.each<[string, Parameters<typeof planBounds>, Rectangle]>([
    ['the first start', [undefined, [left]], { x: 240, y: 90, width: 1440, height: 900 }],
    [
      'a small display',
      [undefined, [{ x: 0, y: 25, width: 1280, height: 775 }]],
      { x: 0, y: 25, width: 1280, height: 775 },
    ],
    ['no display at all', [undefined, []], { x: 0, y: 0, width: 1440, height: 900 }],
    ['where it was', [saved(100, 100), [left]], { x: 100, y: 100, width: 1000, height: 700 }],
    ['on the second display', [saved(2000, 100), [left, right]], { x: 2000, y: 100, width: 1000, height: 700 }],
    ['a display that is gone', [saved(2000, 100), [left]], { x: 240, y: 90, width: 1440, height: 900 }],
    ['partly beside the display', [saved(-800, 10), [left]], { x: -800, y: 10, width: 1000, height: 700 }],
    ['too far beside it', [saved(-950, 10), [left]], { x: 240, y: 90, width: 1440, height: 900 }],
    ['its upper edge above the display', [saved(100, -40), [left]], { x: 240, y: 90, width: 1440, height: 900 }],
    ['its upper edge below the display', [saved(100, 1070), [left]], { x: 240, y: 90, width: 1440, height: 900 }],
    ['smaller than it may be', [saved(0, 0, 300, 200), [left]], { x: 0, y: 0, width: 720, height: 480 }],
  ])('%s', (_case, input, expected) => {
    expect(planBounds(...input)).toEqual(expected);
  });
});
