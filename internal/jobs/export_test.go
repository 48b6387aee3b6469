package jobs

import "time"

// Quick returns o with short waits: beats each 10 ms, and a grace of one
// millisecond. poll is how often the queue is looked at without being told.
func (o Options) Quick(poll time.Duration) Options {
	o.timing = &timing{poll: poll, beat: 10 * time.Millisecond, grace: time.Millisecond}
	return o
}

// Patient returns o with a long grace.
func (o Options) Patient() Options {
	o.timing = &timing{poll: time.Second, beat: 10 * time.Millisecond, grace: time.Hour}
	return o
}
