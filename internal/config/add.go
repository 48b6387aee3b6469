package config

// Add is what the command add makes personas of.
type Add struct {
	Inputs   []string `arg:"" name:"FILE-or-URL" help:"PDF, DOCX, HTML, Markdown, e-mail or plain text; a page, http:// or https://; a folder, for every such file in it; - for standard input"`
	Together bool     `name:"together" help:"make one persona of all, not one of each"`
	Name     string   `name:"name" placeholder:"NAME" help:"what the person is called, whatever the texts say; for one persona"`
	Role     string   `name:"role" placeholder:"ROLE" help:"what the person does, whatever the texts say; for one persona"`
	Location string   `name:"location" placeholder:"PLACE" help:"where the person is, whatever the texts say; for one persona"`
	Tags     []string `name:"tag" sep:"none" placeholder:"TAG" help:"a tag for every persona, once for each"`
	Kind     string   `name:"kind" placeholder:"KIND" help:"text, chat, interview, email, document, url or other; without it what each looks like"`
	Title    string   `name:"title" placeholder:"TITLE" help:"title of the text; without it its own, or the file's name; for one text"`
	JSON     bool     `name:"json" help:"print a JSON object per persona, each on a line of its own"`
}

// finish checks the flags. They are flags alone: no variable sets them.
func (a *Add) finish() error {
	if a.Kind == "" {
		return nil
	}
	return flagOf("kind", []string{a.Kind}, "text", "chat", "interview", "email", "document", "url", "other")
}
