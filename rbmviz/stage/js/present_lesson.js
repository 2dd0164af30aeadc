// Going on in a lesson while it is presented: presses the lesson's own buttons, so that it is played
// just as without a presentation.

import { _ } from "./language.js";

const LAST = _("This is the last step of the lesson.");

export function hasLesson() {
  return document.querySelector(".st-key-lesson_next") !== null;
}

/** Go one step on or back in the lesson that is played; null when there is none. */
export function lessonMove(by) {
  const bar = document.querySelector(".st-key-lesson_bar");
  const find = (name) => bar?.querySelector(`.st-key-lesson_${name} button`);
  if (!find("next")) return null;
  const isFree = (button) => button && !button.disabled;
  // A hall that has to guess shouts: nobody chooses an answer, and the right one is shown.
  const forward = [find("reveal"), find("show"), find("next")].find(isFree);
  const wanted = by > 0 ? forward : [find("back")].find(isFree);
  const ends = wanted === find("next") && bar.querySelector(".st-key-lesson_head_last");
  if (wanted && !ends) wanted.click();
  return { said: ends ? LAST : "" };
}
