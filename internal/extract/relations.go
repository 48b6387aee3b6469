package extract

import "strings"

// relationWords are the phrases of relations.txt.
type relationWords struct {
	facts   node
	kin     map[string]string // noun for a relative → the field that the name fills
	parties node
}

// peopleWords are the small words by which the grammar of a sentence is told.
type peopleWords struct {
	verbs, prepositions, possessives, naming, articles, things      map[string]bool
	couple, around, ways, noplaces, aliases, made                   map[string]bool
	likened, offices, ranks, pupils, participles, objects           map[string]bool
	led, bare, countries, halves, begins, campuses                  map[string]bool
	opposes, joins, firms, boards, learned, breaks                  map[string]bool
	adverbs, leadsTo, bodies, parts, domains, leaders               map[string]bool
	turns, openers, nobles, banners, fronts, colours, christened    map[string]bool
	persons, partisans, adherents, seats, bonds, events, men, women map[string]bool
}

func (lex *lexicon) relationLine(block, s string) {
	w := &lex.relations
	switch block {
	case "facts":
		cols := strings.Split(s, "\t")
		for p := range strings.SplitSeq(cols[2], " | ") {
			n := w.facts.insert(phrase(p))
			n.cues = append(n.cues, &cue{path: cols[0], shape: cols[1]})
		}
	case "kin":
		cols := strings.Split(s, "\t")
		for _, p := range strings.Fields(cols[1]) {
			w.kin[p] = cols[0]
		}
	case "parties":
		for p := range strings.SplitSeq(s, " | ") {
			n := w.parties.insert(phrase(p))
			n.classes = 1
		}
	default:
		set := lex.people.set(block)
		if *set == nil {
			*set = map[string]bool{}
		}
		for _, w := range strings.Fields(s) {
			(*set)[w] = true
		}
	}
}

// inverse is what a relation is from the other side.
var inverse = map[string]string{"background.spouses": "background.spouses", "background.parents": "background.children", "background.children": "background.parents"}

func (p *peopleWords) denies(w string) bool {
	return w == "not" || w == "never" || strings.HasSuffix(w, "n't") || w == "neither" || w == "nor" || w == "if" || w == "would" || w == "could" || w == "nearly" || w == "almost" || w == "may" || w == "might" || w == "perhaps" || w == "possibly" || w == "allegedly"
}

// set returns the set of a block; a name that is none is a mistake of the build.
func (p *peopleWords) set(block string) *map[string]bool {
	return map[string]*map[string]bool{
		"verbs":        &p.verbs,
		"prepositions": &p.prepositions,
		"possessives":  &p.possessives,
		"naming":       &p.naming,
		"articles":     &p.articles,
		"things":       &p.things,
		"christened":   &p.christened,
		"couple":       &p.couple,
		"around":       &p.around,
		"ways":         &p.ways,
		"noplaces":     &p.noplaces,
		"aliases":      &p.aliases,
		"made":         &p.made,
		"likened":      &p.likened,
		"offices":      &p.offices,
		"ranks":        &p.ranks,
		"pupils":       &p.pupils,
		"participles":  &p.participles,
		"objects":      &p.objects,
		"led":          &p.led,
		"bare":         &p.bare,
		"countries":    &p.countries,
		"halves":       &p.halves,
		"begins":       &p.begins,
		"campuses":     &p.campuses,
		"opposes":      &p.opposes,
		"joins":        &p.joins,
		"firms":        &p.firms,
		"boards":       &p.boards,
		"learned":      &p.learned,
		"breaks":       &p.breaks,
		"adverbs":      &p.adverbs,
		"leads to":     &p.leadsTo,
		"bodies":       &p.bodies,
		"parts":        &p.parts,
		"domains":      &p.domains,
		"leaders":      &p.leaders,
		"adherents":    &p.adherents,
		"seats":        &p.seats,
		"bonds":        &p.bonds,
		"events":       &p.events,
		"men":          &p.men,
		"women":        &p.women,
		"turns":        &p.turns,
		"openers":      &p.openers,
		"nobles":       &p.nobles,
		"banners":      &p.banners,
		"fronts":       &p.fronts,
		"colours":      &p.colours,
		"persons":      &p.persons,
		"partisans":    &p.partisans,
	}[block]
}
