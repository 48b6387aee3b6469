package gqlhttp

// Limits bounds what a request may ask for. A zero field has its default; there is no way to switch a limit off.
type Limits struct {
	// Body is the most bytes of a request's body, of the parts "operations" and "map" of one with files, or of a WebSocket
	// message: 2 MiB.
	Body int64
	// File is the most bytes of one uploaded file: 10 MiB.
	File int64
	// FilesTotal is the most bytes of all files of a request, which are in memory at the same time: 20 MiB.
	FilesTotal int64
	// Files is the most files of a request: 10.
	Files int
	// Document is the most bytes of a document: 64 KiB.
	Document int
	// Tokens is the most tokens of a document: 5,000. Comments count.
	Tokens int
	// Depth is how deep fields may nest, fragments expanded: 20. (Full introspection needs 15.)
	Depth int
	// Fields is the most selections (fields, spreads and inline fragments) that a document's operations expand to when
	// each spread is replaced by its fragment: 5,000.
	Fields int
	// Aliases is the most aliases, fragments expanded: 500.
	Aliases int
	// Repeats is how often one place of the response may be selected, after fragments are merged: 50.
	Repeats int
	// Directives is the most directives, fragments expanded: 500.
	Directives int
	// Fragments is the most fragment definitions: 200.
	Fragments int
	// Cost is the most that an operation may cost: 50,000. A field that returns an object costs 1 and a leaf 0 unless
	// the schema says @cost(weight:), each times the size of the lists around it.
	Cost int
	// ListSize is the size assumed of a list about which the schema has no @listSize: 5.
	ListSize int
	// Operations is the most operations that run on one WebSocket at a time: 100.
	Operations int
}

func (l Limits) withDefaults() Limits {
	or := func(p *int, n int) {
		if *p <= 0 {
			*p = n
		}
	}
	bytes := func(p *int64, n int64) {
		if *p <= 0 {
			*p = n
		}
	}
	bytes(&l.Body, 2<<20)
	bytes(&l.File, 10<<20)
	bytes(&l.FilesTotal, 20<<20)
	or(&l.Files, 10)
	or(&l.Document, 64<<10)
	or(&l.Tokens, 5000)
	or(&l.Depth, 20)
	or(&l.Fields, 5000)
	or(&l.Aliases, 500)
	or(&l.Repeats, 50)
	or(&l.Directives, 500)
	or(&l.Fragments, 200)
	or(&l.Cost, 50000)
	or(&l.ListSize, 5)
	or(&l.Operations, 100)
	return l
}
