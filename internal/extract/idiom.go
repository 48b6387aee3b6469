package extract

import "strings"

// idiom is data/idiom.txt, compiled: what the readers of the first person, of chats
// and of narratives know of words. The fields have the names that the file uses.
type idiom struct {
	timeWords, presents, openers map[string]bool

	lightWords, owners, pointers, known, empty, notGerunds, pairs, labelled, determiners, prepositions, clauseVerbs, aims map[string]bool

	activities, pastimes, leisure, notHabits, frequencies, lifeVerbs, fans, kinds, unkinds, trades, pets, firms, placeNouns, dwellings, turns, pageLabels map[string]bool

	relatives, speechVerbs, smallTalk, lives map[string]bool

	englishWords, conditions, sole, headsOf, activityNouns map[string]bool

	leads, asides [][]string // phrases around a liking

	thirdForms, othersOwn map[string]string // a speaker's words, and the same of a third person
}

// line reads a line of the file.
func (d *idiom) line(s string) {
	name, list, _ := strings.Cut(s, ":")
	words := strings.Split(list, ",")
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	switch name {
	case "leads", "asides":
		into := map[string]*[][]string{"leads": &d.leads, "asides": &d.asides}[name]
		for _, w := range words {
			*into = append(*into, phrase(w))
		}
		return
	case "thirdForms", "othersOwn":
		into := map[string]*map[string]string{"thirdForms": &d.thirdForms, "othersOwn": &d.othersOwn}[name]
		*into = map[string]string{}
		for _, w := range words {
			own, third, _ := strings.Cut(w, " ")
			(*into)[own] = third
		}
		return
	}
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	*d.set(name) = set
}

// set returns the field of a name; a name that has none is a mistake of the file and
// panics when it is used.
func (d *idiom) set(name string) *map[string]bool {
	return map[string]*map[string]bool{
		"timeWords":     &d.timeWords,
		"lightWords":    &d.lightWords,
		"owners":        &d.owners,
		"pointers":      &d.pointers,
		"known":         &d.known,
		"empty":         &d.empty,
		"notGerunds":    &d.notGerunds,
		"activities":    &d.activities,
		"pastimes":      &d.pastimes,
		"pairs":         &d.pairs,
		"openers":       &d.openers,
		"labelled":      &d.labelled,
		"fans":          &d.fans,
		"pets":          &d.pets,
		"firms":         &d.firms,
		"kinds":         &d.kinds,
		"unkinds":       &d.unkinds,
		"lifeVerbs":     &d.lifeVerbs,
		"notHabits":     &d.notHabits,
		"smallTalk":     &d.smallTalk,
		"clauseVerbs":   &d.clauseVerbs,
		"aims":          &d.aims,
		"prepositions":  &d.prepositions,
		"relatives":     &d.relatives,
		"frequencies":   &d.frequencies,
		"placeNouns":    &d.placeNouns,
		"dwellings":     &d.dwellings,
		"trades":        &d.trades,
		"lives":         &d.lives,
		"turns":         &d.turns,
		"conditions":    &d.conditions,
		"sole":          &d.sole,
		"headsOf":       &d.headsOf,
		"activityNouns": &d.activityNouns,
		"englishWords":  &d.englishWords,
		"speechVerbs":   &d.speechVerbs,
		"leisure":       &d.leisure,
		"pageLabels":    &d.pageLabels,
		"presents":      &d.presents,
		"determiners":   &d.determiners,
	}[name]
}
