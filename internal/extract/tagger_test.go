package extract

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// example marks phrases of a text, "label=phrase".
func example(t *testing.T, text string, marks ...string) Example {
	t.Helper()
	x := Example{Text: text}
	for _, m := range marks {
		label, phrase, _ := strings.Cut(m, "=")
		at := strings.Index(text, phrase)
		if at < 0 {
			t.Fatalf("%q is not in the text", phrase)
		}
		start := utf8.RuneCountInString(text[:at])
		x.Marks = append(x.Marks, Mark{label, start, start + utf8.RuneCountInString(phrase)})
	}
	return x
}

func trainingSet(t *testing.T) []Example {
	t.Helper()
	cv := file(t, "about/cv_lines.txt")
	var out []Example
	for range 8 {
		out = append(out, example(t, cv, "Designation=Senior Data Engineer", "Companies worked at=Nordlys Analytics AS", "Companies worked at=Havbris Shipping Ltd", "College Name=University of Bergen", "Tech Tools=Kafka"))
	}
	return out
}

func TestLabelsFollowTheMarks(t *testing.T) {
	x := example(t, "Zoë Ünal\nCook at Golden Spoon, since 2011", "Name=Zoë Ünal", "Designation=Cook", "Companies worked at=Golden Spoon", "No such label=since")
	s := New().sequence(x)
	got := []string{}
	for _, y := range s.Labels {
		got = append(got, labels()[y])
	}
	want := "B Name,I Name,B Designation,O,B Companies worked at,I Companies worked at,O,O,O"
	if strings.Join(got, ",") != want {
		t.Errorf("%s\n%s", strings.Join(got, ","), want)
	}
}

// TestTrainingIsRepeatable also holds that new weights are another engine to those
// who keep what an engine has said.
func TestTrainingIsRepeatable(t *testing.T) {
	var a, b bytes.Buffer
	if err := Train(trainingSet(t), &a); err != nil {
		t.Fatal(err)
	}
	if err := Train(trainingSet(t), &b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Fatal("two trainings on the same examples differ")
	}
	lex := &lexicon{hash: New().lex.hash}
	was := lex.hash
	m := lex.tagger(fstest.MapFS{"data/tagger.bin": {Data: a.Bytes()}})
	if lex.hash == was {
		t.Error("other weights did not change the hash")
	}
	r := (&Engine{lex: New().lex, tagger: m}).reading(file(t, "about/cv_lines.txt"))
	found := map[string]bool{}
	for _, f := range r.tagged(r.outline()) {
		if f.tag == orgTag {
			found[r.of(f.span)] = true
		}
	}
	if !found["Nordlys Analytics AS"] || !found["Havbris Shipping Ltd"] {
		t.Errorf("found the organisations %v", found)
	}
}

func TestTaggerReadsEnglishOnly(t *testing.T) {
	e := New()
	for name, want := range map[string]bool{"cv_lines": true, "cv_blanks": true, "profile_page": true, "german": false} {
		r := e.reading(file(t, "about/"+name+".txt"))
		if got := r.tagged(r.outline()) != nil; got != want {
			t.Errorf("%s: tagged %t", name, got)
		}
	}
}
