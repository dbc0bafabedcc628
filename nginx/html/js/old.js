/* Below the floor (no modules, or no Object.fromEntries): say so, and leave the telephone number. ES5. */
(function () {
  var notes = document.querySelectorAll('.old');
  var i;
  if ('noModule' in document.createElement('script') && Object.fromEntries) return;
  for (i = 0; i < notes.length; i++) notes[i].removeAttribute('hidden');
})();
