/** Says at the end of a test run what was skipped, and why: the reason stands in the title. */
module.exports = class SkippedReporter {
  onRunComplete(_contexts, { testResults }) {
    const reasons = new Map();
    for (const { testResults: tests } of testResults) {
      for (const { status, ancestorTitles, title } of tests) {
        if (status !== 'pending') continue;
        const why =
          [...ancestorTitles, title].find((part) => /needs the|skipped:/.test(part)) ?? ancestorTitles[0] ?? title;
        reasons.set(why, (reasons.get(why) ?? 0) + 1);
      }
    }
    if (reasons.size === 0) return;
    process.stderr.write('\nSkipped:\n');
    for (const [why, count] of reasons) process.stderr.write(`  ${String(count).padStart(3)}  ${why}\n`);
  }
};
