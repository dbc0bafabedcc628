/* 系统维护中: asks quietly whether it is over, and opens the page that was wanted. The address has stayed that page's. */
import { get } from './api.js';

const PAUSE_MS = 30000;
const LASTING = ['offline', 'busy', 'unavailable'];

async function isOver() {
  try {
    await get('/api/season', { isQuiet: true });
    return true;
  } catch (problem) {
    return LASTING.indexOf(problem.code) < 0;
  }
}

async function wait() {
  while (!(await isOver())) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  location.reload();
}

wait();
