package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// Task is a set's texts to be read.
type Task struct {
	Set   Set
	Texts []Text
}

// Progress is how far an engine has come with a set, and what it has cost in all.
type Progress struct {
	Engine     string
	Set        Set
	Done, Of   int
	CostMicros int64 // millionths of a US dollar
}

// Observe is told what happens while texts are read. A nil function is not told.
type Observe struct {
	Progress func(Progress) // before the first text, and after each

	// Prediction gets what the engine says of a text, as a line of JSON without
	// its line feed in the form that scorers of the set read. An error ends the
	// reading and is returned as it is.
	Prediction func(Set, []byte) error
}

// Report is what an engine did.
type Report struct {
	Engine       string        `json:"engine"`
	Model        string        `json:"model,omitempty"`
	Rules        string        `json:"promptHash"` // of the prompts or the rules
	Sets         []*SetReport  `json:"sets"`
	InputTokens  int           `json:"inputTokens"`
	OutputTokens int           `json:"outputTokens"`
	CostMicros   int64         `json:"costMicros"` // millionths of a US dollar
	Reliability  []Reliability `json:"reliability,omitempty"`

	observations []Observation
}

// Observations are the admitted claims whose truth the labels tell.
func (r *Report) Observations() []Observation { return r.observations }

// SetReport is what an engine did with a set.
type SetReport struct {
	Set     Set      `json:"set"`
	Texts   int      `json:"texts"`             // read, or tried
	Of      int      `json:"of"`                // that there are
	Failed  int      `json:"failed"`            // of Texts: the engine gave an error, and nothing counts as said
	Failure string   `json:"failure,omitempty"` // the first
	Drafts  int      `json:"drafts"`            // proposed
	Claims  int      `json:"claims"`            // admitted
	Fields  []Field  `json:"fields,omitempty"`  // CVs and passages
	Total   *Total   `json:"total,omitempty"`   // CVs and passages
	Chat    *Chats   `json:"chat,omitempty"`
	Nobody  *Silence `json:"nobody,omitempty"`

	Quotes Grounding `json:"quotes"` // drafts that quote or are STATED: does the quote stand where they say?
	Values Grounding `json:"values"` // what is scored, or else the claims' values: does the text have those words, normalised?
	Time   Time      `json:"millisecondsPerText"`
}

// Field is the scores of one field or property over all texts.
type Field struct {
	Field string `json:"field"`
	Counts
	ExactScore   Score `json:"exactScore"`
	RelaxedScore Score `json:"relaxedScore"`
}

// Total sums the fields up: of CVs the mean of the fields' F1 ("macro"), of
// passages the scores over all facts ("micro").
type Total struct {
	Kind    string `json:"kind"`
	Exact   Score  `json:"exact"` // of the macro only F1
	Relaxed Score  `json:"relaxed"`
}

// Grounding counts what holds of what.
type Grounding struct {
	Hold int `json:"hold"`
	Of   int `json:"of"`
}

// Share is from 0 to 1; 1 when there is nothing that could fail to hold.
func (g Grounding) Share() float64 {
	if g.Of == 0 {
		return 1
	}
	return share(g.Hold, g.Of)
}

// Silence is what was said about nobody.
type Silence struct {
	Silent int      `json:"silent"` // texts of which nothing was said
	Values int      `json:"values"` // said of the others
	Said   []string `json:"said,omitempty"`
}

// Time is how long a text takes to be read by one goroutine, in milliseconds.
type Time struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
}

// hopeless is how many texts an engine may fail on at its very start.
const hopeless = 3

// Evaluate has the engine read the texts, one after the other. When ctx ends it
// returns what was measured until then together with ctx's error; so it does when
// the engine fails on the first three texts, for it would fail on all.
func Evaluate(ctx context.Context, engine persona.Engine, tasks []Task, observe Observe) (*Report, error) {
	info := engine.Info()
	r := &Report{Engine: info.Name, Model: info.Model, Rules: info.PromptHash}
	var err error
	for _, task := range tasks {
		m := &measurement{report: r, set: &SetReport{Set: task.Set, Of: len(task.Texts)}, counts: map[string]Counts{}, engine: engine, info: info, observe: observe}
		r.Sets = append(r.Sets, m.set)
		err = m.read(ctx, task.Texts)
		m.sum()
		if err != nil {
			break
		}
	}
	r.Reliability = Reliable(r.observations)
	return r, err
}

// measurement is the reading of one set.
type measurement struct {
	report  *Report
	set     *SetReport
	engine  persona.Engine
	info    persona.EngineInfo
	observe Observe
	counts  map[string]Counts
	times   []time.Duration
}

func (m *measurement) read(ctx context.Context, texts []Text) error {
	m.progress()
	for i := range texts {
		err := m.one(ctx, &texts[i])
		if err != nil {
			return err
		}
		m.progress()
	}
	return nil
}

func (m *measurement) progress() {
	if m.observe.Progress != nil {
		m.observe.Progress(Progress{m.info.Name, m.set.Set, m.set.Texts, m.set.Of, m.report.CostMicros})
	}
}

// one has a text read and counts what is said of it.
func (m *measurement) one(ctx context.Context, t *Text) error {
	src := persona.Source{Kind: persona.KindText, Text: &t.Text}
	var drafts []persona.Draft
	begun := time.Now()
	usage, err := m.engine.Extract(ctx, src, func(ds []persona.Draft) error { drafts = append(drafts, ds...); return nil })
	took := time.Since(begun)
	r := m.report
	r.InputTokens, r.OutputTokens, r.CostMicros = r.InputTokens+usage.InputTokens, r.OutputTokens+usage.OutputTokens, r.CostMicros+usage.CostMicros
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.times = append(m.times, took)
	m.set.Texts++
	if err != nil {
		drafts = nil
		m.set.Failed++
		if m.set.Failure == "" {
			m.set.Failure = err.Error()
		}
		if m.set.Failed == hopeless && m.set.Texts == hopeless && len(r.Sets) == 1 {
			return fmt.Errorf("the engine %s failed on the first %d texts and was given up: %w", m.info.Name, hopeless, err)
		}
	}
	m.quotes(t, drafts)
	claims := persona.Prove(&src, m.info, drafts)
	m.set.Drafts += len(drafts)
	m.set.Claims += len(claims)
	return m.judge(t, claims)
}

// quotes cuts every quote from the text again.
func (m *measurement) quotes(t *Text, drafts []persona.Draft) {
	text := []rune(t.Text)
	for _, d := range drafts {
		if d.Quote == "" && d.Basis != persona.BasisStated {
			continue
		}
		m.set.Quotes.Of++
		if d.Quote != "" && 0 <= d.Start && d.Start < d.End && d.End <= len(text) && string(text[d.Start:d.End]) == d.Quote {
			m.set.Quotes.Hold++
		}
	}
}

// judge compares the claims with the labels.
func (m *measurement) judge(t *Text, claims []persona.Claim) error {
	switch m.set.Set {
	case CV:
		return m.cv(t, claims)
	case Bios:
		return m.bio(t, claims)
	case Chat:
		m.chat(t, claims)
		return m.predict(map[string]any{"id": t.ID, "claims": said(claims)})
	}
	m.nobody(t, claims)
	return m.predict(map[string]any{"id": t.ID, "claims": said(claims)})
}

func (m *measurement) predict(line map[string]any) error {
	if m.observe.Prediction == nil {
		return nil
	}
	raw, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("prediction: %w", err)
	}
	return m.observe.Prediction(m.set.Set, raw)
}

func (m *measurement) cv(t *Text, claims []persona.Claim) error {
	items := cvItems(claims)
	text := normalise(t.Text)
	line := map[string]any{"id": t.ID}
	right := map[string]map[string]bool{}
	for _, f := range cvFields {
		values := []string{}
		for _, it := range items {
			if it.field == f.name {
				values = append(values, it.value)
			}
		}
		line[f.name] = values
		gold, least := unique(t.fields[f.name]), alike
		if f.name == "name" {
			if len(gold) == 0 {
				continue // whoever wrote the labels saw no name: nothing can be said of one
			}
			gold, least = gold[:1], alikeName // the first mention
		}
		values = unique(values)
		m.grounded(text, values)
		var c Counts
		c, right[f.name] = compare(gold, values, least)
		m.count(f.name, c)
	}
	m.watch(claims, items, right)
	return m.predict(line)
}

func (m *measurement) bio(t *Text, claims []persona.Claim) error {
	items := bioItems(claims)
	text := normalise(t.Text)
	facts := []fact{}
	gold, values := map[string][]string{}, map[string][]string{}
	for _, f := range t.facts {
		gold[f.Property] = append(gold[f.Property], normalise(f.Value))
	}
	for _, it := range items {
		facts = append(facts, fact{it.field, it.value})
		if t.annotated[it.field] {
			values[it.field] = append(values[it.field], normalise(it.value))
		}
	}
	right := map[string]map[string]bool{}
	properties := slices.Concat(slices.Collect(maps.Keys(gold)), slices.Collect(maps.Keys(values)))
	slices.Sort(properties)
	for _, p := range slices.Compact(properties) {
		// Facts are a set: their order in the text says nothing.
		g, v := distinct(gold[p]), distinct(values[p])
		m.grounded(text, v)
		var c Counts
		c, right[p] = compare(g, v, alike)
		m.count(p, c)
	}
	m.watch(claims, items, right)
	return m.predict(map[string]any{"id": t.ID, "facts": facts})
}

func distinct(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

func (m *measurement) count(field string, c Counts) {
	sum := m.counts[field]
	sum.add(c)
	m.counts[field] = sum
}

// grounded asks whether the text, normalised, has the values' words as they are.
func (m *measurement) grounded(text string, values []string) {
	for _, v := range values {
		m.set.Values.Of++
		if strings.Contains(text, normalise(v)) {
			m.set.Values.Hold++
		}
	}
}

// watch notes of every claim that the labels judge how much of it is right: of
// one with several scored parts, the share of them.
func (m *measurement) watch(claims []persona.Claim, items []item, right map[string]map[string]bool) {
	parts, hits := map[int]int{}, map[int]int{}
	for _, it := range items {
		ok, judged := right[it.field][normalise(it.value)]
		if !judged {
			continue
		}
		parts[it.claim]++
		if ok {
			hits[it.claim]++
		}
	}
	for i, c := range claims {
		if parts[i] > 0 {
			m.report.observations = append(m.report.observations, Observation{Path: c.Path, Confidence: c.Confidence, Right: share(hits[i], parts[i])})
		}
	}
}

func (m *measurement) nobody(t *Text, claims []persona.Claim) {
	s := m.silence()
	if len(claims) == 0 {
		s.Silent++
	}
	for _, c := range claims {
		s.Values++
		s.Said = append(s.Said, t.ID+": "+c.Path+": "+c.Value)
	}
	m.claimed(t, claims)
}

func (m *measurement) silence() *Silence {
	if m.set.Nobody == nil {
		m.set.Nobody = &Silence{}
	}
	return m.set.Nobody
}

// claimed asks for each claim's own value whether its words stand in the text.
func (m *measurement) claimed(t *Text, claims []persona.Claim) {
	text := normalise(t.Text)
	for _, c := range claims {
		m.grounded(text, []string{c.Value})
	}
}

// said is how the claims of a text without a scorer's format are written down.
func said(claims []persona.Claim) []map[string]any {
	out := []map[string]any{}
	for _, c := range claims {
		out = append(out, map[string]any{"path": c.Path, "value": c.Value, "detail": c.Detail, "basis": c.Basis, "confidence": c.Confidence, "start": c.Start, "end": c.End, "quote": c.Quote})
	}
	return out
}

// sum makes scores of the counts.
func (m *measurement) sum() {
	m.set.Time = timing(m.times)
	switch m.set.Set {
	case CV:
		total := &Total{Kind: "macro"}
		for _, f := range cvFields {
			m.field(f.name)
		}
		for _, f := range m.set.Fields {
			total.Exact.F1 += f.ExactScore.F1
			total.Relaxed.F1 += f.RelaxedScore.F1
		}
		total.Exact.F1 /= float64(len(cvFields))
		total.Relaxed.F1 /= float64(len(cvFields))
		m.set.Total = total
	case Bios:
		var all Counts
		for _, p := range slices.Sorted(maps.Keys(m.counts)) {
			m.field(p)
			all.add(m.counts[p])
		}
		m.counts[micro] = all
		m.field(micro)
		m.set.Total = &Total{Kind: "micro", Exact: score(all.Exact, all), Relaxed: score(all.Relaxed, all)}
	case Chat:
		m.chats()
	case Nobody:
		m.silence()
	}
}

// micro is the row of all properties together.
const micro = "~micro"

func (m *measurement) field(name string) {
	c := m.counts[name]
	m.set.Fields = append(m.set.Fields, Field{Field: name, Counts: c, ExactScore: score(c.Exact, c), RelaxedScore: score(c.Relaxed, c)})
}

// timing takes mean and percentiles; a percentile is the time that so many in a
// hundred texts do not exceed.
func timing(times []time.Duration) Time {
	if len(times) == 0 {
		return Time{}
	}
	times = slices.Sorted(slices.Values(times))
	var sum time.Duration
	for _, t := range times {
		sum += t
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	at := func(percent int) float64 { return ms(times[(len(times)*percent+99)/100-1]) }
	return Time{Mean: ms(sum) / float64(len(times)), P50: at(50), P99: at(99)}
}

// Estimate says about what it costs to have the engine read the tasks' texts.
func Estimate(engine persona.Engine, tasks []Task) persona.Usage {
	var sum persona.Usage
	for _, task := range tasks {
		for _, t := range task.Texts {
			sum = sum.Add(engine.Estimate(utf8.RuneCountInString(t.Text)))
		}
	}
	return sum
}
