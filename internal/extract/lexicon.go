package extract

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed data/*.txt data/calibration.tsv data/tagger.bin
var data embed.FS

// revision is part of the engine's hash: it changes with every change of the
// code that could change what is drafted.
const revision = 4

// class is a set of word classes.
type class uint64

const (
	isTitle class = 1 << iota
	isLooseTitle
	isTitleWord
	isDegree
	isSchool
	isOrgSuffix
	isOrgWord
	isCountry
	isRegion
	isAbbreviatedRegion
	isCity
	isFirstName
	isHard
	isLooseHard // a plain word too: counts in lists only
	isSoft
	isTongue
	isCertificate
	isHonorific
	isParticle
	isGeneration
	isDemonym
	isKin
	isNotName
	isAbbreviation
	isPronoun
	isFiller
	isRoleMail
	isAsker
	isNameless
	isMonth
	isSeason
	isNow
	isUntil
	isSince

	isPlace = isCountry | isRegion | isCity
	isJob   = isTitle | isLooseTitle
)

// node is a word in a trie of phrases.
type node struct {
	next    map[string]*node
	classes class
	cues    []*cue
}

func (n *node) insert(phrase []string) *node {
	for _, w := range phrase {
		next := n.next[w]
		if next == nil {
			next = &node{}
			if n.next == nil {
				n.next = map[string]*node{}
			}
			n.next[w] = next
		}
		n = next
	}
	return n
}

// lexicon is the knowledge of data/*.txt, compiled. It is read only after load.
type lexicon struct {
	root      node
	cues      node               // after a subject
	free      node               // without one
	before    node               // after their object
	headings  map[string]section // whole headings, words joined by blanks
	torn      map[string]section // the same, without blanks
	keywords  map[string]section // words that make a short line a heading
	labels    map[string]string  // label → field
	months    map[string]int
	exact     map[string]string  // words that count only as spelled: lower case → spelling
	endings   map[class][]string // of German compounds, by what they then are
	han       []string           // what a name follows in Chinese
	hanStops  []string           // and what follows the name
	asks      []question
	manners   map[string]*manner
	arabic    arabicWords
	unspaced  []unspacedCue
	surnames  map[string]bool
	relations relationWords
	people    peopleWords
	languages []string // of manners, in the file's order
	worths    calibration
	hash      string

	idiom                   // words of the first person
	notes map[string]*notes // of narratives, by language

	// Sets of sets.txt, by the names they have there.
	selfWords, clauseWords, subjects, vague, notGoals, modest, holds, genders, numerals, mailHeaders, writers, greetings, closings, advertises, thirds, copulas, predicates, transactions, modes, present, stages, formWords map[string]bool
	employs                                                                                                                                                                                                                  map[string]string // word → the prepositions that lead to an employer; "" for none
}

// cue is a phrase by which people say something of themselves.
type cue struct {
	path, shape string
	undoable    bool // "not" makes it a challenge
}

// question is a phrase of an interviewer and the field that the answer fills.
type question struct{ path, words string }

// load compiles the files of data/. They are the program's own: a broken one is a
// mistake of the build and panics.
func load(files fs.FS) *lexicon {
	lex := &lexicon{headings: map[string]section{}, torn: map[string]section{}, keywords: map[string]section{}, labels: map[string]string{}, months: map[string]int{}, exact: map[string]string{}, employs: map[string]string{}, endings: map[class][]string{}}
	sum := sha256.New()
	sum.Write([]byte(strconv.Itoa(revision)))
	read := func(name string, line func(block, s string)) {
		raw, err := fs.ReadFile(files, "data/"+name)
		if err != nil {
			panic(err)
		}
		sum.Write([]byte(name))
		sum.Write(raw)
		block := ""
		for s := range strings.Lines(string(raw)) {
			s = strings.TrimSpace(s)
			if strings.HasPrefix(s, "[") {
				block = strings.Trim(s, "[]")
			} else if s != "" && s[0] != '#' {
				line(block, s)
			}
		}
	}
	// Lists are parted by " | "; lines without one, in the files that say so, by blanks.
	add := func(c, loose class, entries []string) {
		for _, e := range entries {
			e = strings.TrimSpace(e)
			bare := strings.Trim(e, "~")
			if strings.HasPrefix(e, "-") {
				lex.endings[c] = append(lex.endings[c], e[1:])
				continue
			}
			words := phrase(bare)
			if len(words) == 0 {
				continue
			}
			if bare != e {
				lex.root.insert(words).classes |= loose
			} else {
				lex.root.insert(words).classes |= c
			}
			if strings.HasPrefix(e, "~") {
				lex.exact[words[0]] = bare
			}
		}
	}
	piped := func(c class) func(string, string) {
		return func(_, s string) { add(c, isLooseHard, strings.Split(s, " | ")) }
	}
	spaced := func(c class) func(string, string) {
		return func(_, s string) { add(c, isLooseTitle, strings.Fields(s)) }
	}
	blocks := func(classes map[string]class) func(string, string) {
		return func(block, s string) {
			if strings.Contains(s, " | ") {
				add(classes[block], 0, strings.Split(s, " | "))
			} else {
				add(classes[block], 0, strings.Fields(s))
			}
		}
	}

	read("titles.txt", spaced(isTitle))
	read("title_words.txt", spaced(isTitleWord))
	read("first_names.txt", spaced(isFirstName))
	read("schools.txt", spaced(isSchool))
	read("degrees.txt", piped(isDegree))
	read("skills_hard.txt", piped(isHard))
	read("skills_soft.txt", piped(isSoft))
	read("languages.txt", piped(isTongue))
	read("certifications.txt", piped(isCertificate))
	read("orgs.txt", blocks(map[string]class{"suffix": isOrgSuffix, "word": isOrgWord}))
	read("places.txt", blocks(map[string]class{"country": isCountry, "region": isRegion, "abbreviation": isAbbreviatedRegion, "city": isCity}))
	read("words.txt", blocks(map[string]class{
		"honorific": isHonorific, "particle": isParticle, "generation": isGeneration, "demonym": isDemonym, "kin": isKin, "notname": isNotName,
		"abbreviation": isAbbreviation, "pronoun": isPronoun, "filler": isFiller, "rolemail": isRoleMail,
	}))
	read("speakers.txt", func(block, s string) {
		add(map[string]class{"asks": isAsker, "nameless": isNameless}[block], 0, strings.Split(s, " | "))
	})
	read("months.txt", func(_, s string) {
		key, list, _ := strings.Cut(s, ":")
		if c, ok := map[string]class{"now": isNow, "season": isSeason, "until": isUntil, "since": isSince}[key]; ok {
			add(c, 0, strings.Split(list, " | "))
			return
		}
		for _, name := range strings.Fields(list) {
			number, _ := strconv.Atoi(key)
			lex.months[name] = number
			add(isMonth, 0, []string{name})
		}
	})
	read("headings.txt", func(_, s string) {
		key, list, _ := strings.Cut(s, ":")
		for p := range strings.SplitSeq(list, " | ") {
			if p = strings.TrimSpace(p); strings.HasPrefix(p, "*") {
				lex.keywords[p[1:]] = sections[key]
			} else {
				lex.headings[strings.Join(phrase(p), " ")] = sections[key]
				if words := phrase(p); len(words) > 1 || len(p) > 6 {
					lex.torn[strings.Join(words, "")] = sections[key]
				}
			}
		}
	})
	read("labels.txt", func(_, s string) {
		key, list, _ := strings.Cut(s, ":")
		for p := range strings.SplitSeq(list, " | ") {
			lex.labels[strings.Join(phrase(p), " ")] = key
		}
	})
	read("cues.txt", func(_, s string) {
		cols := strings.Split(s, "\t")
		for p := range strings.SplitSeq(cols[2], " | ") {
			c := &cue{path: cols[0], shape: cols[1]}
			p = strings.TrimSpace(p)
			root := &lex.cues
			switch {
			case c.shape == "han":
				lex.han = append(lex.han, p)
				continue
			case c.shape == "hanstop":
				lex.hanStops = append(lex.hanStops, p)
				continue
			case c.shape == "before":
				root = &lex.before
			case strings.HasPrefix(p, "^"), strings.HasPrefix(p, "my "), strings.HasPrefix(p, "his "), strings.HasPrefix(p, "her "):
				root, p = &lex.free, strings.TrimPrefix(p, "^")
			}
			if strings.HasPrefix(p, "*") {
				c.undoable, p = true, p[1:]
			}
			n := root.insert(phrase(p))
			n.cues = append(n.cues, c)
		}
	})
	sets := map[string]*map[string]bool{
		"selfWords":    &lex.selfWords,
		"clauseWords":  &lex.clauseWords,
		"subjects":     &lex.subjects,
		"vague":        &lex.vague,
		"notGoals":     &lex.notGoals,
		"modest":       &lex.modest,
		"holds":        &lex.holds,
		"genders":      &lex.genders,
		"numerals":     &lex.numerals,
		"mailHeaders":  &lex.mailHeaders,
		"writers":      &lex.writers,
		"greetings":    &lex.greetings,
		"closings":     &lex.closings,
		"advertises":   &lex.advertises,
		"thirds":       &lex.thirds,
		"copulas":      &lex.copulas,
		"predicates":   &lex.predicates,
		"transactions": &lex.transactions,
		"stages":       &lex.stages,
		"formWords":    &lex.formWords,
		"present":      &lex.present,
		"modes":        &lex.modes,
	}
	read("sets.txt", func(_, s string) {
		name, list, _ := strings.Cut(s, ":")
		if preps, ok := strings.CutPrefix(name, "employs "); ok {
			for w := range strings.SplitSeq(list, ",") {
				lex.employs[strings.TrimSpace(w)] = strings.Trim(preps, "-")
			}
			return
		}
		if path, ok := strings.CutPrefix(name, "asks "); ok {
			for w := range strings.SplitSeq(list, ",") {
				lex.asks = append(lex.asks, question{path, strings.TrimSpace(w)})
			}
			return
		}
		set := map[string]bool{}
		for w := range strings.SplitSeq(list, ",") {
			set[strings.TrimSpace(w)] = true
		}
		*sets[name] = set
	})
	read("idiom.txt", func(_, s string) { lex.idiom.line(s) })
	lex.notes = map[string]*notes{}
	read("narrative.txt", func(block, s string) {
		if lex.notes[block] == nil {
			lex.notes[block] = &notes{says: map[string]string{}}
		}
		lex.notes[block].line(s)
	})
	lex.manners = map[string]*manner{}
	read("verbs.txt", func(block, s string) {
		m := lex.manners[block]
		if m == nil {
			m = &manner{map[string]bool{}, map[string]string{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
			lex.manners[block] = m
			lex.languages = append(lex.languages, block)
		}
		key, list, _ := strings.Cut(s, ":")
		m.set(key, list)
	})
	lex.relations.kin = map[string]string{}
	read("relations.txt", lex.relationLine)
	read("grammar.txt", lex.relationLine)
	lex.arabic = arabicWords{nouns: map[string]string{}, cues: node{}}
	read("arabic.txt", func(_, s string) { lex.arabic.line(s) })
	lex.surnames = map[string]bool{}
	read("unspaced.txt", func(_, s string) {
		cols := strings.Split(s, "\t")
		for p := range strings.SplitSeq(cols[2], " | ") {
			if p = strings.TrimSpace(p); cols[1] == "surname" {
				lex.surnames[p] = true
				continue
			}
			lex.unspaced = append(lex.unspaced, unspacedCue{cols[0], cols[1], p})
		}
	})
	lex.worths = calibration{}
	read("calibration.tsv", func(_, s string) {
		if err := lex.worths.line(s); err != nil {
			panic(err)
		}
	})
	lex.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	return lex
}

// phrase cuts a phrase into the words that a text would be cut into.
func phrase(s string) []string {
	var words []string
	for _, t := range cut(s) {
		if t.word != "" {
			words = append(words, t.word)
		}
	}
	return words
}
