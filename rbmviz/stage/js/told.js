// What a part of a page, drawn again by itself, shows: told to the link of the page.

import { tellLook } from "./look.js";

export function mountTold({ data }) {
  if (data) tellLook(data.seen, data.path);
}
