// Package extract is the built-in engine: it reads a text about a person with
// word lists, line and section models and cue phrases, and says what the text
// states, each time with the words that state it. It needs no network and no
// model, and it leaves unknown what is not said.
//
// A text goes through four steps. It is cut into words and cells (text.go); its
// kind is recognised (kind.go): CV, biography, directory entry, the person's own
// words, chat, mail. The readers of that kind propose (cv.go, bio.go,
// directory.go, voice.go, chat.go, mail.go). The sink (sink.go) drops whatever its
// quote does not prove. What the readers know of the world lies in data/*.txt; how
// sure a rule may be, measured on labelled texts, in data/calibration.tsv (calibrate.go).
//
// The person's own words are read sentence by sentence (voice.go): a cue phrase of
// cues.txt, negated or not, whose subject is the speaker, and what follows it, as a
// clean phrase (liking.go) or a fact of a life (self.go). Questions, conditions and
// what others say or like are left out; a few telling sentences are kept (quotes.go).
// A chat is parted into turns first (turns.go), and only the subject's are read.
//
// A sentence of a biography is read in two steps. people.go tells for each of its
// verbs whom they speak of: the subject, a relative, somebody else. Then life.go,
// family.go, homes.go, nationality.go and parties.go take what is said of the
// subject's life, careers.go and schooling.go positions and schools; their phrases lie
// in data/relations.txt, the small words of their grammar in data/grammar.txt. A text of
// a few sentences need not begin with whom it is about (passage.go).
//
// In a CV in English a trained tagger (tagger.go, observe.go, crf/) finds titles,
// organisations, schools and skills; what the rules take each word for is among what
// it looks at. The parts become entries in assemble.go. In other languages the rules
// decide alone. data/MODEL_CARD.md says where the weights come from.
//
// Biographies in German, Spanish and French are read clause by clause (clauses.go,
// verbs.txt). Arabic (arabic.go) and the scripts that part no words, Japanese and
// Chinese (unspaced.go), have readers of their own with small lists of formulas.
//
// From what the fold finds, Compose writes the narrative: sentences where the facts
// are English (compose.go), notes in the facts' own language otherwise (narrative.go).
package extract
