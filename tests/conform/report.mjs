// One line a check. A check that differs says what was wanted and what came; one that builds on it is left out and says so. Values
// are never printed as they came, only their kind: what comes back is about people.
export class Difference extends Error {}
class Skipped extends Error {}

/** What came, without telling what it says. */
export function kind(value) {
  if (value === undefined) return "没有";
  if (value === null) return "null";
  if (Array.isArray(value)) return `${value.length} 项的数组`;
  if (typeof value === "object") return `对象{${Object.keys(value).slice(0, 12).join(",")}}`;
  return typeof value === "string" ? `${value.length} 个字符的文本` : typeof value === "number" ? "数字" : String(value);
}

/** The check goes on only if this holds. */
export function want(isSo, wanted, got) {
  if (!isSo) throw new Difference(`应为 ${wanted}，得到 ${got}`);
}

export function skip(why) {
  throw new Skipped(why);
}

/** What an earlier check has found; without it the one at hand is left out. */
export function need(value, words) {
  if (value === undefined) skip(`要先有${words}`);
  return value;
}

export class Report {
  constructor(print) {
    this.print = print;
    this.counts = { same: 0, different: 0, skipped: 0 };
  }

  async check(name, run) {
    try {
      await run();
      this.counts.same++;
      this.print(`一致  ${name}`);
    } catch (error) {
      if (error instanceof Skipped) {
        this.counts.skipped++;
        this.print(`没试  ${name}：${error.message}`);
      } else {
        this.counts.different++;
        this.print(`不同  ${name}：${error instanceof Difference ? error.message : `检查没有做完，${error.message}`}`);
      }
    }
  }

  end() {
    this.print(`${this.counts.same} 项一致，${this.counts.different} 项不同，${this.counts.skipped} 项没试`);
    return this.counts.different === 0 ? 0 : 1;
  }
}
