import { chromium } from 'playwright-core';

let browser;

/** A page of the Chromium that the test has opened; the test sees the same page. */
export async function newPage({ width, height, colorScheme }) {
  browser ??= await chromium.connectOverCDP(process.env.STAND_IN_CHROMIUM);
  const [context] = browser.contexts();
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  return page;
}
