/**
 * The things that an English instruction speaks of: "put the red block on a plate" -> "the red block", "a plate". Closed lists of
 * small words, no grammar: what is left between them is a thing. Where that is not enough, phrases are given as an option.
 */

const words = (text: string) => new Set(text.split(/\s+/));

const DETERMINERS = words('the a an this that these those my your our his her its their some any each every another');
/** Words that end a phrase: of place and time, conjunctions, pronouns, auxiliaries, adverbs. */
const SMALL = words(
  `about above across after against along around as at away back before behind below beneath beside between beyond by down
  during for forward from in inside into near next of off on onto out outside over past through to toward towards under underneath until up
  upon with within without and or but then so if when while once again also too please now here there where which who it i you me we us
  them they he she him be is are was were been should must could would will shall may might do does not no yes all both just only
  kindly slowly carefully gently quickly first second finally directly straight completely`,
);
/** What robots are told to do, and whereto. Right behind a determiner the same words are part of a thing: "the open drawer", "the left cup". */
const TOLD = words(
  `pick grab lift take raise get fetch grasp hold give need want put place move set drop bring push slide stack go hover point position
  stay wait press click open close shut turn find look show touch release pour wipe clean shove nudge pull rotate insert remove reach
  hand let make keep leave help try use lower pile fill empty fold hang sort carry catch tap drag knock switch unplug plug see have got
  float lay build putting placing moving pushing stacking like know tell locate identify approach align center centre start stop come deliver pass throw toss swap shift transfer
  left right high low`,
);
/** Places and the robot's own parts: nothing to look for. */
const NOWHERE = words(
  `top bottom left right side front back middle center centre air edge end way gripper arm hand robot fingers tool camera thing things
  something anything one ones other place here there`,
);

/** Each thing once, in the order of the sentence and in its words. */
export function phrasesOf(instruction: string): string[] {
  const found: string[] = [];
  for (const clause of instruction.split(/[^\p{L}\p{N}\s'’-]+/u)) {
    let phrase: string[] = [];
    const end = () => {
      const things = phrase.filter((word) => !DETERMINERS.has(word.toLowerCase()));
      if (things.some((word) => !NOWHERE.has(word.toLowerCase()))) found.push(phrase.join(' '));
      phrase = [];
    };
    for (const word of clause.split(/\s+/).filter(Boolean)) {
      const small = word.toLowerCase();
      // "The coke can" is a thing, "can you" is none.
      const isModal = small === 'can' && phrase.length === 0;
      const afterDeterminer = phrase.length === 1 && DETERMINERS.has(phrase[0]!.toLowerCase());
      if (DETERMINERS.has(small)) {
        end();
        phrase.push(word);
      } else if (SMALL.has(small) || isModal || (TOLD.has(small) && !afterDeterminer)) end();
      else phrase.push(word);
    }
    end();
  }
  const seen = new Set<string>();
  return found.filter((phrase) => {
    const key = phrase.toLowerCase();
    return !seen.has(key) && seen.add(key);
  });
}
