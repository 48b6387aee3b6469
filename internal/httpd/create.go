package httpd

import (
	"encoding/json"
	"net/http"

	"github.com/persona-api/persona-api/internal/persona"
)

// created is what CreatePersona.graphql answers.
type created struct {
	Persona *struct {
		document
		Sources *struct {
			Nodes []struct {
				RawText *string `json:"raw_text"`
			}
		}
	}
	UserErrors []struct {
		Code    persona.Code
		Field   []string
		Message string
	}
}

// document is a persona as the REST routes show it.
type document struct {
	ID        string          `json:"id"`
	Status    persona.Status  `json:"status"`
	RawText   *string         `json:"raw_text"` // of the first source; null until a page has been read
	Name      *string         `json:"name"`
	Role      *string         `json:"role"`
	Location  *string         `json:"location"`
	Summary   *string         `json:"summary"`
	Persona   json.RawMessage `json:"persona"` // null until there is a first version
	CreatedAt string          `json:"created_at"`
	UpdatedAt string          `json:"updated_at"`
}

// create answers POST /v1/persona: a persona of what the submission gives.
func create(o Options) http.HandlerFunc {
	op := stored(o, "CreatePersona.graphql")
	return func(w http.ResponseWriter, r *http.Request) {
		given, p := readSubmission(w, r)
		if p != nil {
			p.fail(w)
			return
		}
		var got created
		p = op.run(r.Context(), map[string]any{"input": given.input()}, &got)
		if p != nil && got.Persona == nil {
			p.fail(w)
			return
		}
		if len(got.UserErrors) > 0 {
			e := got.UserErrors[0]
			p := &problem{Code: e.Code, Message: e.Message, status: statusOf(e.Code)}
			if field := given.field(e.Field); field != "" {
				p.at(field)
			} else if len(e.Field) > 0 {
				p.Message = "text, files and urls " + e.Message
			}
			p.fail(w)
			return
		}
		answer := got.Persona.document
		if sources := got.Persona.Sources; sources != nil && len(sources.Nodes) > 0 {
			answer.RawText = sources.Nodes[0].RawText
		}
		w.Header().Set("Location", "/v1/persona/"+answer.ID)
		write(w, http.StatusCreated, answer)
	}
}
