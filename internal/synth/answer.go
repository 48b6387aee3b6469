package synth

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// errCut marks a failure whose answer was cut off before it said anything usable.
var errCut = errors.New("the answer was cut off")

// answerState is what a text was worth as an answer.
type answerState int

const (
	useless answerState = iota // no answer could be made out
	empty                      // a good answer that says there is nothing
	useful
)

// stateOf judges an answer by its entries, those of them that could be used, and
// whether its list was there.
func stateOf(entries, used int, whole bool) answerState {
	switch {
	case used > 0:
		return useful
	case entries == 0 && whole:
		return empty
	}
	return useless
}

// repairSize is how much of a useless answer the model is shown again, in bytes.
const repairSize = 4 << 10

// answer asks, and asks once more when nothing of the answer could be used. use
// reads a text; what it read last is what counts. The error is a *persona.Failure,
// marked with errCut or errTooLong where a shorter question may do.
func (e *Engine) answer(ctx, gate context.Context, req request, use func(text string) answerState) (reply, persona.Usage, error) {
	rep, err := e.call(ctx, gate, req)
	usage := rep.usage
	if err != nil {
		return rep, usage, err
	}
	state := use(rep.text)
	if state != useless {
		return rep, usage, nil
	}
	if failure := unanswered(&rep); failure != nil {
		return rep, usage, failure
	}
	e.log.DebugContext(ctx, "nothing of the model's answer could be used, asking again", "form", req.form, "bytes", len(rep.text))
	req.turns = append(req.turns[:len(req.turns):len(req.turns)], turn{assistant: true, text: beginning(harmless(rep.text), repairSize)}, turn{text: e.prompts.repair})
	rep, err = e.call(ctx, gate, req)
	usage = usage.Add(rep.usage)
	if err != nil {
		return rep, usage, err
	}
	if use(rep.text) != useless {
		return rep, usage, nil
	}
	if failure := unanswered(&rep); failure != nil {
		return rep, usage, failure
	}
	return rep, usage, &persona.Failure{
		Code: persona.FailInvalidOutput, Retryable: true,
		Message: "the model answered twice in a form that could not be used; it will be tried again, or choose a model that follows a JSON Schema",
	}
}

// unanswered is the failure of a useless reply that did not come to its own end:
// there the question is not at fault, and asking for better form would not help.
func unanswered(r *reply) *persona.Failure {
	switch {
	case r.broken != nil:
		return r.broken
	case r.finish == finishLength:
		return &persona.Failure{Code: persona.FailInvalidOutput, Retryable: true, Cause: errCut,
			Message: "the model's answer was cut off before it had said anything; choose a model that may answer at greater length"}
	case r.finish == finishFiltered:
		return &persona.Failure{Code: persona.FailInvalidOutput,
			Message: "the model's provider refused to answer about this text; choose another model, or LLM_PROVIDER=builtin"}
	}
	return nil
}

// beginning is s, at most n bytes of it, cut between characters. It is never
// empty: providers refuse an empty turn.
func beginning(s string, n int) string {
	if s == "" {
		return "(no answer)"
	}
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
