import { describeBrowser } from './browser.js';
import { checkAsset } from './dashboard/asset.checks.js';
import { checkLooks } from './dashboard/looks.checks.js';
import { checkMarket } from './dashboard/market.checks.js';
import { Stage } from './dashboard/stage.js';
import { checkTrouble } from './dashboard/trouble.checks.js';
import { checkViews } from './dashboard/views.checks.js';

describeBrowser('the dashboard in Chromium, before a running demo', () => {
  const stage = new Stage();
  beforeAll(() => stage.begin(), 120_000);
  afterAll(() => stage.end(), 20_000);

  describe('the market', () => checkMarket(stage));
  describe('an asset', () => checkAsset(stage));
  describe('the other views', () => checkViews(stage));
  describe('every view', () => checkLooks(stage));
  describe('in trouble', () => checkTrouble(stage));

  it('never complained, and asked nobody else for anything', () => {
    expect(stage.tabs).toHaveLength(2);
    expect(stage.tabs.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});
