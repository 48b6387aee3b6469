// Package eval measures engines on labelled texts: how much of what a text says
// an engine finds, how much of what it says is right, whether every word of it is
// proven, what it invents about nobody, how long it takes, and whether its
// confidence means anything.
//
// What is judged is what a user would see: an engine's drafts go through
// persona.Prove, and only what is admitted counts. Engines are handed in.
//
// There are four sets (corpus.go has their formats): CVs, scored by field;
// passages about people, scored by fact; chats and texts in the first person,
// scored by the sentences their speakers were given; and texts about nobody, of
// which nothing may be said. A corpus of invented people is embedded.
package eval
