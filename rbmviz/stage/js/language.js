// The words of the interface, as rbmviz/language has them in Python: the English text is the key.

export const WORDS = {}; // words.py fills it for one language; where a text is missing it stays English

/** Translate a text, then fill in its {named} fields. Give it one literal between double quotes. */
export function _(text, fields = {}) {
  return (WORDS[text] ?? text).replace(/\{(\w+)\}/g, (field, name) => fields[name] ?? field);
}
