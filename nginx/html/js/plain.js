/* A page that only has to be read. */
import './form.js';
