package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	// maxFound is how many matches a search ranks. Those with all words come
	// first, so what is left out are matches of some words, and only of words
	// that more than this many personas have.
	maxFound = 2000

	maxHeads = 20_000  // code points of name, role, location, summary and tags that are indexed
	maxBody  = 400_000 // and of all else
	maxTexts = 40      // sources whose texts are indexed, the newest first
)

// saveSearch makes the persona's words those of its head, the body and its sources.
func (t *tx) saveSearch(ctx context.Context, p *persona.Persona, body string) error {
	var texts []string
	err := t.NewRaw(`SELECT s.text FROM source s WHERE s.workspace_id = ?ws AND s.persona_id = ? AND s.text IS NOT NULL
		ORDER BY s.created_at DESC, s.id DESC LIMIT ?`, p.ID, maxTexts).Scan(ctx, &texts)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(searchable(cut(body, maxBody)))
	for _, text := range texts {
		if b.Len() >= maxBody {
			break
		}
		b.WriteByte(' ')
		b.WriteString(searchable(text))
	}
	_, err = t.NewRaw(t.d.saveSearch, p.ID, cut(headWords(p), maxHeads), cut(b.String(), maxBody),
		keyOf(p.Name), keyOf(p.Role), keyOf(p.Location)).Exec(ctx)
	return err
}

// inWorkspace is the condition that the row s of search is of the caller's
// workspace, as a word of its vector.
//
// Search is not scoped by its column workspace_id, nor joined by it: PostgreSQL
// would see that the column equals the one that persona's policy compares, take
// that comparison over to search, and then refuse search's indexes for the sake of
// the policy, because their operators are not leakproof.
const inWorkspace = "s.words @@ persona_within(?ws)"

// postgresFound ranks the matches by reciprocal-rank fusion of two orders: how
// often the words occur, and how close together. The constant 60 is that of
// Cormack, Clarke and Buettcher (SIGIR 2009).
func postgresFound(q query, filter fragment, most int, ranked bool) fragment {
	join := frag("")
	if filter.sql != "" {
		join = frag("JOIN persona p ON p.workspace_id = ?ws AND p.id = s.persona_id AND (?)", filter)
	}
	score := frag("0.0")
	if ranked {
		score = frag(`(1.0 / (60 + rank() OVER (ORDER BY ts_rank(words, ?0) DESC))
			+ 1.0 / (60 + rank() OVER (ORDER BY ts_rank_cd(words, ?0) DESC)))::float8`, tsRank(q))
	}
	name := frag("FALSE")
	if q.name != "" {
		name = frag("s.name LIKE ? AND ?", "%"+escapeLike(q.name)+"%", frag(inWorkspace))
	}
	// Each scan is an expression of its own with a number as its limit, and what is
	// too much is cut off later: of a limit yet to be computed PostgreSQL guesses that
	// it is a tenth of the matches, and for so few it may read the whole table.
	return frag(`
		complete AS MATERIALIZED (
			SELECT s.persona_id, s.words, 1 AS every FROM search s ?0 WHERE s.words @@ ?1 LIMIT ?2),
		named AS MATERIALIZED (
			SELECT s.persona_id, s.words, 1 AS every FROM search s ?0
			WHERE ?3 AND (SELECT count(*) FROM complete) < ?2
				AND s.persona_id NOT IN (SELECT persona_id FROM complete) LIMIT ?2),
		partial AS MATERIALIZED (
			SELECT s.persona_id, s.words, 0 AS every FROM search s ?0
			WHERE s.words @@ ?4 AND (SELECT count(*) FROM complete) < ?2
				AND s.persona_id NOT IN (SELECT persona_id FROM complete) AND s.persona_id NOT IN (SELECT persona_id FROM named) LIMIT ?2),
		found AS MATERIALIZED (
			SELECT persona_id, every, ?5 AS score
			FROM (SELECT * FROM (SELECT * FROM complete UNION ALL SELECT * FROM named UNION ALL SELECT * FROM partial) AS x
				ORDER BY every DESC LIMIT ?2) AS x)`,
		join, tsMatch(q, " "), most, name, tsMatch(q, " OR "), score)
}

// postgresMatching names the workspace in tsMatch.
func postgresMatching(q query) fragment { return frag("s.words @@ ?", tsMatch(q, " ")) }

// tsMatch is the condition on a vector: the terms joined, in this workspace,
// without what is excluded. Stems are what is looked for, unless the query has
// nothing but words too common to be stemmed.
func tsMatch(q query, join string) fragment {
	f := frag("(persona_within(?ws) && ?", stems(webText(q.terms, join)))
	if len(q.none) > 0 {
		f = frag("? && !!(?)", f, stems(webText(q.none, " OR ")))
	}
	f.sql += ")"
	return f
}

func stems(web string) fragment {
	return frag(`(CASE WHEN numnode(websearch_to_tsquery('persona_english', ?0)) > 0
		THEN websearch_to_tsquery('persona_english', ?0) ELSE websearch_to_tsquery('persona_simple', ?0) END)`, web)
}

// tsRank is what vectors are ranked by: any word, as a stem or just as written.
func tsRank(q query) fragment {
	return frag("(websearch_to_tsquery('persona_english', ?0) || websearch_to_tsquery('persona_simple', ?0))", webText(q.terms, " OR "))
}

// webText spells terms for websearch_to_tsquery, joined by " " (all) or " OR " (any).
func webText(terms []term, join string) string { return spell(terms, join, join == " OR ") }

// spell quotes terms; apart takes those apart that the user did not quote.
func spell(terms []term, join string, apart bool) string {
	var out []string
	for _, t := range terms {
		if apart && !t.quoted {
			for _, w := range t.words {
				out = append(out, `"`+w+`"`)
			}
			continue
		}
		out = append(out, `"`+strings.Join(t.words, " ")+`"`)
	}
	return strings.Join(out, join)
}

// sqliteFound ranks the matches by bm25, mapped to a number from 0 to 1.
func sqliteFound(q query, filter fragment, most int, ranked bool) fragment {
	join := frag("")
	if filter.sql != "" {
		join = frag("JOIN persona p ON p.workspace_id = s.workspace_id AND p.id = s.persona_id AND (?)", filter)
	}
	score, best := bun.Safe("0.0"), bun.Safe("")
	if ranked {
		score, best = "-bm25(search_words, 8.0, 1.0)", "ORDER BY score DESC"
	}
	name := frag("SELECT s.persona_id, 1 AS every, 0.0 AS score FROM search s WHERE FALSE")
	if q.name != "" {
		name = frag(`SELECT s.persona_id, 1 AS every, 1.0 / (1 + length(s.name)) AS score
			FROM search_names JOIN search s ON s.docid = search_names.rowid ?
			WHERE search_names MATCH ? AND s.workspace_id = ?ws AND s.persona_id NOT IN (SELECT persona_id FROM complete)`,
			join, `"`+strings.ReplaceAll(q.name, `"`, `""`)+`"`)
	}
	return frag(`
		complete AS MATERIALIZED (
			SELECT s.persona_id, 1 AS every, ?5 AS score
			FROM search_words JOIN search s ON s.docid = search_words.rowid ?0
			WHERE search_words MATCH ?1 AND s.workspace_id = ?ws ?6 LIMIT ?2),
		named AS MATERIALIZED (SELECT * FROM (?3) LIMIT (SELECT ?2 - count(*) FROM complete)),
		partial AS MATERIALIZED (
			SELECT s.persona_id, 0 AS every, ?5 AS score
			FROM search_words JOIN search s ON s.docid = search_words.rowid ?0
			WHERE search_words MATCH ?4 AND s.workspace_id = ?ws
				AND s.persona_id NOT IN (SELECT persona_id FROM complete) AND s.persona_id NOT IN (SELECT persona_id FROM named)
			?6 LIMIT (SELECT ?2 - (SELECT count(*) FROM complete) - (SELECT count(*) FROM named))),
		found AS MATERIALIZED (
			SELECT persona_id, every, score / (1 + score) AS score
			FROM (SELECT * FROM complete UNION ALL SELECT * FROM named UNION ALL SELECT * FROM partial))`,
		join, ftsMatch(q, " AND "), most, name, ftsMatch(q, " OR "), score, best)
}

func sqliteMatching(q query) fragment {
	return frag("s.workspace_id = ?ws AND s.docid IN (SELECT rowid FROM search_words WHERE search_words MATCH ?)", ftsMatch(q, " AND "))
}

// ftsMatch spells a query in FTS5's language. FTS5 knows no words too common to
// matter; they are left out here, unless there is nothing else.
func ftsMatch(q query, join string) string {
	terms := slices.DeleteFunc(slices.Clone(q.terms), func(t term) bool {
		return !t.quoted && len(t.words) == 1 && strings.Contains(common, " "+t.words[0]+" ")
	})
	if len(terms) == 0 {
		terms = q.terms
	}
	s := "(" + spell(terms, join, join == " OR ") + ")"
	if len(q.none) > 0 {
		s += " NOT (" + spell(q.none, " OR ", false) + ")"
	}
	return s
}

// common are English words that say nothing of what is looked for. Those that are
// names or trades too (will, may, it) are not among them.
const common = " a about an and any are as at be been but by can did do does for from had has have he her him his how i if in into" +
	" is its me my of on or our she so than that the their them then there these they this those to was we were what when where which" +
	" who whom whose why with would you your "

type hitRow struct {
	personaRow
	Every int
	Score float64
	Pos   int
}

func (h *hitRow) hit() persona.Hit {
	return persona.Hit{Persona: &h.Persona, Score: float64(h.Every) + h.Score}
}

// Search implements persona.Reader.
func (s *Store) Search(ctx context.Context, args persona.SearchArgs) (*persona.Connection[persona.Hit], error) {
	newest := args.Order == persona.SearchNewest
	order := "relevance"
	if newest {
		order = "search newest"
	}
	if args.Last != nil || args.Before != nil {
		return nil, persona.Invalid("last", "a search is paged forwards only; ask for first and after")
	}
	w, err := args.Window(order)
	if err != nil {
		return nil, err
	}
	words := parseQuery(args.Query)
	if len(words.terms) == 0 {
		return persona.NewConnection([]persona.Hit{}, nil, w, false), nil
	}
	q := s.read(ctx)
	filter, narrow, err := q.filter(args.Where)
	if err != nil {
		return nil, err
	}
	if !narrow {
		filter = fragment{}
	}
	var rows []*hitRow
	if newest {
		rows, err = q.newest(ctx, words, filter, args.Columns, w)
	} else {
		rows, err = q.relevant(ctx, words, filter, args.Columns, w)
	}
	if err != nil {
		return nil, err
	}
	more := len(rows) > w.Limit
	if more {
		rows = rows[:w.Limit]
	}
	hits := make([]persona.Hit, len(rows))
	at := map[persona.ID]*hitRow{}
	for i, r := range rows {
		hits[i], at[r.ID] = r.hit(), r
	}
	return persona.NewConnection(hits, func(h persona.Hit) persona.Cursor {
		c := persona.Cursor{Order: order, Key: strconv.Itoa(at[h.ID].Pos), ID: h.ID.UUID.String()}
		if newest {
			c.Key = strconv.Itoa(at[h.ID].Every) + " " + cursorAt(h.CreatedAt)
		}
		return c
	}, w, more), nil
}

// relevant reads a page of the ranked matches: those after the cursor's persona
// or, when that is no longer among them, after its place.
func (q scope) relevant(ctx context.Context, words query, filter fragment, cols persona.Columns, w persona.Window) ([]*hitRow, error) {
	last, place := persona.ID{}, 0
	if w.After != nil {
		var err error
		if last, err = persona.ParseID(w.After.ID); err != nil {
			return nil, notCursor("after")
		}
		if place, err = strconv.Atoi(w.After.Key); err != nil {
			return nil, notCursor("after")
		}
	}
	var rows []*hitRow
	err := q.NewRaw(`
		WITH ?0,
		ranked AS MATERIALIZED (
			SELECT persona_id, every, score, row_number() OVER (ORDER BY every DESC, score DESC, persona_id) AS pos FROM found)
		SELECT ?1, r.every, r.score, r.pos
		FROM (SELECT * FROM ranked
			WHERE pos > coalesce((SELECT l.pos FROM ranked l WHERE l.persona_id = ?2), ?3)
			ORDER BY pos LIMIT ?4) AS r
		JOIN persona p ON p.workspace_id = ?ws AND p.id = r.persona_id ORDER BY r.pos`,
		q.d.found(words, filter, q.found, true), columns(cols), last, place, w.Limit+1).Scan(ctx, &rows)
	return rows, translate(ctx, err)
}

// newest reads a page of the matches, those of all words first, then by date.
// The date index is walked only when more match than are ranked: for a rare word
// the walk would read most of the table.
func (q scope) newest(ctx context.Context, words query, filter fragment, cols persona.Columns, w persona.Window) ([]*hitRow, error) {
	few, walk := frag("TRUE"), frag("TRUE")
	if w.After != nil {
		class, date, _ := strings.Cut(w.After.Key, " ")
		every, err := strconv.Atoi(class)
		t, terr := time.Parse(cursorTime, date)
		id, ierr := persona.ParseID(w.After.ID)
		if err != nil || terr != nil || ierr != nil {
			return nil, notCursor("after")
		}
		few = frag("(f.every, p.created_at, p.id) < (?, ?, ?)", every, t, id)
		walk = frag("(p.created_at, p.id) < (?, ?)", t, id)
	}
	matched := frag("p.workspace_id = ?ws")
	if filter.sql != "" {
		matched = filter
	}
	var rows []*hitRow
	err := q.NewRaw(`
		WITH ?0,
		many AS (SELECT count(*) >= ?1 AS yes FROM complete),
		page AS (
			SELECT * FROM (SELECT * FROM (
				SELECT f.persona_id, f.every FROM found f JOIN persona p ON p.workspace_id = ?ws AND p.id = f.persona_id
				WHERE ?2 ORDER BY f.every DESC, p.created_at DESC, p.id DESC LIMIT ?3
			) AS sorted LIMIT (SELECT CASE WHEN yes THEN 0 ELSE ?3 END FROM many)) AS a
			UNION ALL
			SELECT * FROM (SELECT * FROM (
				SELECT p.id AS persona_id, 1 AS every FROM persona p JOIN search s ON s.persona_id = p.id
				WHERE ?4 AND ?5 AND ?6 ORDER BY p.created_at DESC, p.id DESC LIMIT ?3
			) AS walked LIMIT (SELECT CASE WHEN yes THEN ?3 ELSE 0 END FROM many)) AS b
		)
		SELECT ?7, page.every FROM page JOIN persona p ON p.workspace_id = ?ws AND p.id = page.persona_id
		ORDER BY page.every DESC, p.created_at DESC, p.id DESC`,
		q.d.found(words, filter, q.found, false), q.found, few, w.Limit+1,
		matched, q.d.matching(words), walk, columns(cols)).Scan(ctx, &rows)
	return rows, translate(ctx, err)
}

// CountMatches implements persona.Reader.
func (s *Store) CountMatches(ctx context.Context, text string, where *persona.Where) (persona.Count, error) {
	words := parseQuery(text)
	if len(words.terms) == 0 {
		return persona.Count{Exact: true}, nil
	}
	q := s.read(ctx)
	filter, narrow, err := q.filter(where)
	if err != nil {
		return persona.Count{}, err
	}
	if !narrow {
		filter = fragment{}
	}
	var n int
	err = q.NewRaw("WITH ? SELECT count(*) FROM found", q.d.found(words, filter, q.found, false)).Scan(ctx, &n)
	return persona.Count{Value: n, Exact: n < q.found}, translate(ctx, err)
}
