package fetch_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOfAnArticleTheArticleIsRead(t *testing.T) {
	first := "Ottilie Varga ist Hydrologin in Pécs. Sie baut Hochwassermodelle für die untere Drau, und sie unterrichtet die Nachtschicht, die sonst niemand unterrichten will."
	second := "Seit 2017 leitet sie die Abteilung Grundwasser bei Dravaside Waterworks; vorher war sie Analystin bei Mecsek Labs, wo sie mehr über Zahlen gelernt hat als je zuvor."
	third := "Ihr Ziel ist ein Modell, das auch ein Dorf ohne Rechenzentrum benutzen kann. Sie schwimmt jeden Morgen, außer im Winter, wenn das Becken gesperrt ist und niemand öffnet."
	got := open(t, "blog.html", `<!doctype html><html lang="de-AT"><head><meta charset=utf-8><title>Ottilie Varga – Drava Blätter</title></head><body>
		<nav><ul><li><a href=/>Start</a></li><li><a href=/x>Themen</a></li></ul></nav>
		<main><article><h1>Ottilie Varga</h1><p>`+first+`</p><p>`+second+`</p><p>`+third+`</p></article>
		<aside><h3>Mehr</h3><p>Ferenc Toth ist neuer Direktor des Museums.</p></aside></main>
		<div class=comments><h2>Kommentare</h2><p>Karl: Toller Text, danke!</p></div>
		<footer>© 2025 Drava Blätter, Impressum</footer></body></html>`)
	require.Equal(t, "Ottilie Varga\n\n"+first+"\n\n"+second+"\n\n"+third, got.Text)
	require.Equal(t, "Ottilie Varga – Drava Blätter", got.Title)
	require.Equal(t, "de", got.Language)
}

func TestOfACVAllIsRead(t *testing.T) {
	got := open(t, "cv.html", `<html><head><title>CV</title></head><body>
		<header><h1>Ottilie Varga</h1><p>Senior Hydrologist<br>Pécs, Hungary</p></header>
		<section><h2>Profile</h2><p>Hydrologist with twelve years of flood modelling, on the lower Drava and beyond, who likes to teach, and who writes software.</p></section>
		<section><h2>Experience</h2><div><h3>Lead hydrologist, Dravaside</h3><span>2017–present</span>
			<ul><li>Built the flood model of the lower Drava<ul><li>in winter, <b>too</b></li></ul></li><li>Cut false alarms by half</li></ul></div></section>
		<section><h2>Skills</h2><ul class=tags><li>Groundwater modelling</li><li>Python</li></ul></section>
		<table><tr><th>Language</th><th>Level</th></tr><tr><td><p>German</p></td><td>C1</td></tr></table>
		<footer>References: <a href=#>Bela Huszar</a></footer></body></html>`)
	require.Equal(t, strings.Join([]string{
		"Ottilie Varga", "",
		"Senior Hydrologist", "Pécs, Hungary", "",
		"Profile", "",
		"Hydrologist with twelve years of flood modelling, on the lower Drava and beyond, who likes to teach, and who writes software.", "",
		"Experience", "",
		"Lead hydrologist, Dravaside", "",
		"2017–present", "",
		"Built the flood model of the lower Drava", "in winter, too", "Cut false alarms by half", "",
		"Skills", "",
		"Groundwater modelling", "Python", "",
		"Language\tLevel", "German\tC1", "",
		"References: Bela Huszar",
	}, "\n"), got.Text)
}

func TestBlocksAreLinesAndWhiteSpaceIsFolded(t *testing.T) {
	for markup, want := range map[string]string{
		"<div>a</div>b<div>c</div>":                      "a\nb\nc",
		"<p>a<p>b":                                       "a\n\nb",
		"a <b>b</b>c\n\t d":                              "a bc d",
		"<div> a </div> <div>\u00a0 </div> <div> b":      "a\nb",
		"a<br>b<br><br><br>c":                            "a\nb\n\nc",
		"hydro&shy;logist&nbsp;&amp; teacher":            "hydrologist & teacher",
		"<dl><dt>Born<dd>Pécs</dl>":                      "Born\nPécs",
		"<pre>a\n  b\n\nc</pre>d":                        "a\n  b\n\nc\n\nd",
		"<table><tr><td>a<td>b<tr><td>c<td>d</table>":    "a\tb\nc\td",
		"<td><div>a</div><div>b</div>":                   "a\nb",
		"<ul><li>a<li><p>b</p><li>c<ul><li>d</ul></ul>e": "a\nb\nc\nd\n\ne",
		"<h1>a</h1><hr><h2>b</h2>":                       "a\n\nb",
		"<a href='mailto:o@example.org'>write</a> to me": "write to me",
	} {
		require.Equal(t, want, open(t, "a.html", markup).Text, markup)
	}
}

func TestWhatNobodySeesIsLeftOut(t *testing.T) {
	for _, markup := range []string{
		"<p hidden>x</p>", "<p hidden=until-found>x</p>", "<p aria-hidden=true>x</p>", "<p aria-hidden=' TRUE '>x</p>",
		"<p style='display:none'>x</p>", "<p style='color: red; DISPLAY : None !important;'>x</p>", "<p style='visibility:hidden'>x</p>",
		"<p style='opacity: 0'>x</p>", "<p style=font-size:0px>x</p>", "<div style=display:none><p>x</p></div>",
		"<template><p>x</p></template>", "<script>x</script>", "<style>x</style>", "<noscript>x</noscript>", "<!-- x -->", "<iframe>x</iframe>",
		"<svg><text>x</text></svg>", "<select><option>x</select>", "<button>x</button>", "<textarea>x</textarea>", "<input value=x>",
		"<math><annotation>x</annotation></math>", "<object>x</object>",
	} {
		require.Equal(t, "seen", open(t, "a.html", "<p>seen</p>"+markup).Text, markup)
	}
	for _, markup := range []string{"<p aria-hidden=false>seen", "<p style='opacity:0.9;display:block'>seen", "<body style=opacity:0><p>seen", "<p hidden-thing>seen"} {
		require.Equal(t, "seen", open(t, "a.html", markup).Text, markup)
	}
}

func TestTheCharsetIsWhatThePageSays(t *testing.T) {
	s := "<meta charset=iso-8859-2><p>Dr\xe1va, \xa3\xf3d\xbc" // Latin 2
	require.Equal(t, "Dráva, Łódź", open(t, "a.html", s).Text)
	require.Equal(t, "Dráva", open(t, "a.html", "<p>"+"Dráva").Text)
}

func TestTheLanguageIsItsISO6391Code(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "en", "EN-us": "en", "pt_BR": "pt", " hu ": "hu", "zh-Hant-TW": "zh", "gsw": "", "und": "", "": "", "klingon": "", "x-default": "",
	} {
		require.Equal(t, want, open(t, "a.html", `<html lang="`+tag+`"><p>x`).Language, tag)
	}
	require.Equal(t, "hu", open(t, "a.xhtml", `<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="hu"><body>x`).Language)
}

func TestATitleIsOneLineThatASourceCanHave(t *testing.T) {
	require.Equal(t, "Ottilie Varga & Co", open(t, "a.html", "<title>\n Ottilie\tVarga &amp; Co\x01</title>x").Title)
	long := open(t, "a.html", "<title>"+strings.Repeat("ő", 400)+"</title>x").Title
	require.Equal(t, strings.Repeat("ő", 299)+"…", long)
	require.Empty(t, open(t, "a.html", "<svg><title>chart</title></svg><p>x").Title)
}

func TestAPageSavedWithItsPicturesIsReadToItsEnd(t *testing.T) {
	got := open(t, "a.html", `<p>Ottilie</p><img src="data:image/png;base64,`+strings.Repeat("iVBOR", 1<<18)+`"><p>Varga</p>`)
	require.Equal(t, "Ottilie\n\nVarga", got.Text)
	require.False(t, got.Truncated)
	got = open(t, "a.html", "<p>Ottilie</p><p>"+strings.Repeat("<i></i>", 1<<18)+"Varga</p>")
	require.Equal(t, "Ottilie", got.Text)
	require.True(t, got.Truncated)
}

// Pages that are hard on parsers: the answer is text or a reason, and soon.
func TestHostilePagesAreReadOrRefused(t *testing.T) {
	fill := func(unit string) string { return strings.Repeat(unit, (1<<18)/len(unit)) }
	for _, unit := range []string{"<p>word, word", "<div><p>word, word</p></div>", "<a href=x>y", "<li>x", "<tr><td>x", "<p class='comment byline author' style='a:b'>x, y</p>", "<ul><li>x</li></ul>", "flood"} {
		got := open(t, "a.html", "<html><body>"+fill(unit))
		require.NotEmpty(t, got.Text, unit)
	}
	for _, unit := range []string{"<div>", "<b>", "<table><td>", "<svg><g>", "<template>"} {
		_, err := patient().Open(t.Context(), file("a.html", fill(unit)+"x"))
		require.ErrorContains(t, err, "cannot be read as HTML", unit)
	}
}
