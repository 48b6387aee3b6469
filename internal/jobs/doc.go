// Package jobs runs synthesis outside of requests, on River: a job is enqueued
// in the transaction that makes it necessary, and becomes one call of the
// domain. Both databases serve; the job's row holds ids and nothing else.
package jobs
