/* For WebViews too old for modules: say so, and leave the telephone number. Plain ES5. */
(function () {
  var notes = document.querySelectorAll('.old');
  var i;
  for (i = 0; i < notes.length; i++)
    notes[i].removeAttribute('hidden');
}());
