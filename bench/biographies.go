package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// biographies returns n invented lives, the same in every run. What they share
// with real ones is what a store feels: length, and how often words occur. Common
// things (a big city, a popular skill) come often, most others rarely, after
// Zipf's law; and like real texts they hold words that no other text has.
func biographies(n int) []string {
	r := rand.New(rand.NewPCG(20, 26))
	w := world{
		r: r, given: newZipf(len(given), 0.6), city: newZipf(len(cities), 1), trade: newZipf(len(trades), 0.8), skill: newZipf(len(skills), 0.9),
		word: newZipf(len(prose)+rareWords, 1.15), company: newZipf(companies, 0.9), love: newZipf(len(loves), 0.8), goal: newZipf(len(goals), 0.5),
	}
	out := make([]string, n)
	for i := range out {
		switch i % 4 {
		case 3:
			out[i] = w.resume()
		case 2:
			out[i] = w.own()
		default:
			out[i] = w.told()
		}
	}
	return out
}

const (
	rareWords = 20_000 // made-up words besides the common ones, most of them in a text or two
	companies = 3_000
)

// world draws from the lists by rank.
type world struct {
	r                                                    *rand.Rand
	given, city, trade, skill, word, company, love, goal zipf
}

// zipf draws ranks so that rank k comes in proportion to 1/(k+1)^s.
type zipf struct{ cumulative []float64 }

func newZipf(n int, s float64) zipf {
	c := make([]float64, n)
	sum := 0.0
	for k := range c {
		sum += 1 / math.Pow(float64(k+1), s)
		c[k] = sum
	}
	return zipf{c}
}

func (z zipf) rank(r *rand.Rand) int {
	x := r.Float64() * z.cumulative[len(z.cumulative)-1]
	low, high := 0, len(z.cumulative)-1
	for low < high {
		if mid := (low + high) / 2; z.cumulative[mid] < x {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// madeUp spells a number as a word that can be spoken: the same number, the same word.
func madeUp(n int) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b strings.Builder
	for n += 5000; n > 0; n /= len(consonants) * len(vowels) {
		k := n % (len(consonants) * len(vowels))
		b.WriteByte(consonants[k/len(vowels)])
		b.WriteByte(vowels[k%len(vowels)])
	}
	return b.String()
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// person is what a text tells of.
type person struct {
	name, trade, city, company, before, school, field string
	born, graduated, joined, moved                    int
	skills, loves                                     []string
	goal                                              string
}

func (w world) person() person {
	p := person{
		name:    given[w.given.rank(w.r)] + " " + title(madeUp(w.r.IntN(20_000))) + surnameEnds[w.r.IntN(len(surnameEnds))],
		trade:   trades[w.trade.rank(w.r)],
		city:    cities[w.city.rank(w.r)],
		company: w.firm(), before: w.firm(),
		school: "University of " + strings.Split(cities[w.city.rank(w.r)], ",")[0],
		field:  fields[w.r.IntN(len(fields))],
		born:   1950 + w.r.IntN(50),
		goal:   goals[w.goal.rank(w.r)],
	}
	p.graduated = p.born + 21 + w.r.IntN(6)
	p.joined = min(2020, p.graduated+w.r.IntN(6))
	p.moved = min(2024, p.joined+2+w.r.IntN(10))
	p.skills, p.loves = w.several(skills, w.skill, 4+w.r.IntN(5)), w.several(loves, w.love, 2+w.r.IntN(2))
	return p
}

func (w world) firm() string {
	k := w.company.rank(w.r)
	return title(madeUp(40_000+k)) + " " + firmEnds[k%len(firmEnds)]
}

// several draws n different entries.
func (w world) several(from []string, z zipf, n int) []string {
	seen := map[int]bool{}
	var out []string
	for len(out) < n {
		if k := z.rank(w.r); !seen[k] {
			seen[k] = true
			out = append(out, from[k])
		}
	}
	return out
}

// paragraph is running prose: common words with made-up ones among them.
func (w world) paragraph(sentences int) string {
	var b strings.Builder
	for i := range sentences {
		if i > 0 {
			b.WriteByte(' ')
		}
		for j, n := 0, 8+w.r.IntN(12); j < n; j++ {
			word := ""
			if k := w.word.rank(w.r); k < len(prose) {
				word = prose[k]
			} else {
				word = madeUp(100_000 + k)
			}
			if j == 0 {
				word = title(word)
			} else {
				b.WriteByte(' ')
			}
			b.WriteString(word)
		}
		b.WriteByte('.')
	}
	return b.String()
}

// told is a biography in the third person.
func (w world) told() string {
	p := w.person()
	return fmt.Sprintf("%s is %s based in %s. Born in %d, %s studied %s at the %s and graduated in %d. "+
		"From %d to %d, %s worked as %s at %s; since %d the %s has been with %s.\n\n%s\n\n"+
		"Colleagues value a steady hand with %s. Interests include %s.\n",
		p.name, article(p.trade), p.city, p.born, p.name, p.field, p.school, p.graduated,
		p.joined, p.moved, p.name, article(p.trade), p.before, p.moved, p.trade, p.company,
		w.paragraph(3+w.r.IntN(5)), listed(p.skills), listed(p.loves))
}

// own is what somebody writes about himself or herself.
func (w world) own() string {
	p := w.person()
	return fmt.Sprintf("Hi, my name is %s. I am %s and I live in %s. I work at %s; before that I was with %s for %d years.\n\n"+
		"I studied %s at the %s. I am good at %s. I love %s. I want to %s.\n\n%s\n\nWrite to me: %s@example.org\n",
		p.name, article(p.trade), p.city, p.company, p.before, max(1, p.moved-p.joined),
		p.field, p.school, listed(p.skills), listed(p.loves), p.goal, w.paragraph(2+w.r.IntN(4)), strings.ToLower(strings.ReplaceAll(p.name, " ", ".")))
}

// resume is a CV in lines.
func (w world) resume() string {
	p := w.person()
	return fmt.Sprintf("%s\n%s\n%s\n%s@example.com\n\nSUMMARY\n%s\n\nEXPERIENCE\n%s, %s\n%d - Present\n%s\n\n%s, %s\n%d - %d\n%s\n\n"+
		"EDUCATION\nB.Sc. in %s, %s, %d\n\nSKILLS\n%s\n\nINTERESTS\n%s\n",
		p.name, title(p.trade), p.city, strings.ToLower(strings.ReplaceAll(p.name, " ", ".")), w.paragraph(2),
		title(p.trade), p.company, p.moved, w.paragraph(2), title(p.trade), p.before, p.joined, p.moved, w.paragraph(1),
		title(p.field), p.school, p.graduated, strings.Join(p.skills, ", "), strings.Join(p.loves, ", "))
}

// article puts a or an before a noun.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func listed(items []string) string {
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " and " + items[last]
}
