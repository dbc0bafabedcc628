/* 报名登记二维码: a poster for a screen or a printer. The picture is the server's; here only the printing. */
import { byId, show } from './dom.js';
import './form.js';

show(byId('print'), true);
byId('print').addEventListener('click', () => window.print());
