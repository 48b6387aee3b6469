package config

// Resynthesize is what the command resynthesize reads again.
type Resynthesize struct {
	Engine string   `name:"engine" placeholder:"ENGINE" help:"who reads: builtin, openai, anthropic or ollama; without it the one of LLM_PROVIDER"`
	Where  []string `name:"where" sep:"none" placeholder:"KEY=VALUE" help:"only personas of which this holds, once for each condition; KEY is status, name, role, location, tag, skill, employer, engine (that read it last), created-after, created-before, updated-after or updated-before; name=Ada* begins so, name=*Ada* contains it"`
	All    bool     `name:"all" help:"also personas that this very engine, model and prompt have read already"`
	Yes    bool     `name:"yes" help:"do it; without it the estimate is shown and nothing done"`
	JSON   bool     `name:"json" help:"print JSON objects, each on a line of its own: the estimate, each persona, the sum"`
}

// finish checks the flags. They are flags alone: no variable sets them.
func (r *Resynthesize) finish() error {
	if r.Engine == "" {
		return nil
	}
	return flagOf("engine", []string{r.Engine}, ProviderBuiltin, ProviderOpenAI, ProviderAnthropic, ProviderOllama)
}
