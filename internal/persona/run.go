package persona

import "time"

// Stage is how far a synthesis run has come.
type Stage string

// The stages of a run, in order; the last three end it.
const (
	StageQueued     Stage = "QUEUED"
	StageFetching   Stage = "FETCHING"
	StageExtracting Stage = "EXTRACTING"
	StageProving    Stage = "PROVING"
	StageComposing  Stage = "COMPOSING"
	StageDone       Stage = "DONE"
	StageFailed     Stage = "FAILED"
	StageCancelled  Stage = "CANCELLED"
)

// Over reports whether the run has ended.
func (s Stage) Over() bool { return s == StageDone || s == StageFailed || s == StageCancelled }

// FailureCode classifies why a run or a source failed.
type FailureCode string

// The codes of failure.
const (
	FailModelUnavailable FailureCode = "MODEL_UNAVAILABLE"
	FailModelTimeout     FailureCode = "MODEL_TIMEOUT"
	FailRateLimited      FailureCode = "RATE_LIMITED"
	FailBudgetExceeded   FailureCode = "BUDGET_EXCEEDED"
	FailInvalidOutput    FailureCode = "INVALID_OUTPUT"
	FailFetchFailed      FailureCode = "FETCH_FAILED"
	FailCancelled        FailureCode = "CANCELLED"
	FailInternal         FailureCode = "INTERNAL"
)

// Failure is why a run ended without a result, fit to be shown.
type Failure struct {
	Code       FailureCode   `json:"code"`
	Message    string        `json:"message"`
	Retryable  bool          `json:"retryable"`
	RetryAfter time.Duration `json:"-"` // the least wait the other side asked for, 0 if none
	Cause      error         `json:"-"` // for the log
}

// Error returns code and message, with the cause where there is one.
func (f *Failure) Error() string {
	s := string(f.Code) + ": " + f.Message
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// Run is one synthesis: a job's work on a persona's unread sources.
type Run struct {
	ID             RunID
	PersonaID      ID
	Reason         Reason // SOURCE_ADDED or RESYNTHESIZED: of the version it will make
	Engine         string
	Model          *string
	PromptHash     string
	Stage          Stage
	Progress       float64 // from 0 to 1
	Failure        *Failure
	Attempts       int
	Usage          Usage
	ClaimsProposed int
	ClaimsProven   int    // of those, quoted word for word
	ComposeKey     string // of the claims its narrative was composed from, "" when it has none
	CreatedAt      time.Time
	StartedAt      *time.Time
	FinishedAt     *time.Time
}

// InputTokens is how many tokens the model read.
func (r *Run) InputTokens() int { return r.Usage.InputTokens }

// OutputTokens is how many tokens the model wrote.
func (r *Run) OutputTokens() int { return r.Usage.OutputTokens }

// CostUsd is what the model's calls cost in US dollars, nil when no model was called.
func (r *Run) CostUsd() *float64 { return r.Usage.usd() }

// DurationMs is the time from start to end, or until now while the run goes on, in milliseconds.
func (r *Run) DurationMs() int {
	if r.StartedAt == nil {
		return 0
	}
	end := time.Now()
	if r.FinishedAt != nil {
		end = *r.FinishedAt
	}
	return int(end.Sub(*r.StartedAt).Milliseconds())
}
