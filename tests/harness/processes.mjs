// What runs, read from /proc.
import { readdirSync, readFileSync } from "node:fs";

function parents() {
  const found = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z") found.set(Number(pid), Number(parent));
    } catch (gone) {
      // It ended while we were reading.
    }
  }
  return found;
}

/** A process and all that descend from it. */
export function descendants(pid) {
  const all = parents();
  const found = new Set([pid]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [child, parent] of all) if (found.has(parent)) found.add(child);
  }
  return [...found];
}

export const alive = (pids) => {
  const all = parents();
  return pids.filter((pid) => all.has(pid));
};

/** A file of a process, e.g. "cmdline" or "environ"; "" if it is gone. */
export function of(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch (gone) {
    return "";
  }
}
