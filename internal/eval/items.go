package eval

import (
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// cvFields are the fields of a CV in the order they are printed, each with the
// labels that it joins.
var cvFields = []struct {
	name   string
	labels []string
}{
	{"name", []string{"name"}},
	{"emails", []string{"emails"}},
	{"locations", []string{"location"}},
	{"roles", []string{"roles"}},
	{"employers", []string{"employers"}},
	{"schools", []string{"schools"}},
	{"degrees", []string{"degrees"}},
	{"skills", []string{"skillsTech", "skillsJob", "skillsSoft"}},
}

// item is what a claim says of one scored field. A claim with parts says several.
type item struct {
	field, value string
	claim        int // its index among the claims
}

// cvItems maps claims to the fields of a CV.
func cvItems(claims []persona.Claim) []item {
	var out []item
	for i, c := range claims {
		say := func(field, value string) {
			if value != "" {
				out = append(out, item{field, value, i})
			}
		}
		switch c.Path {
		case "name":
			say("name", c.Value)
		case "role":
			say("roles", c.Value)
		case "location":
			say("locations", c.Value)
		case "contact.emails":
			say("emails", c.Value)
		case "career.positions":
			say("roles", c.Detail["title"])
			say("employers", c.Detail["organization"])
			say("locations", c.Detail["location"])
		case "career.education":
			say("schools", c.Detail["institution"])
			degree := c.Detail["degree"]
			if degree != "" && c.Detail["field"] != "" {
				degree += " in " + c.Detail["field"]
			}
			say("degrees", degree)
		case "skills.hard", "skills.soft", "skills.languages", "skills.expertise":
			say("skills", c.Value)
		}
	}
	return out
}

// bioItems maps claims to the properties of a passage.
func bioItems(claims []persona.Claim) []item {
	name := ""
	for _, c := range claims {
		if c.Path == "name" && name == "" {
			name = c.Value
		}
	}
	var out []item
	for i, c := range claims {
		say := func(property, value string) {
			if value != "" {
				out = append(out, item{property, value, i})
			}
		}
		// Each of "Bath, England" is where the person was born or lives.
		places := func(property string) {
			for place := range strings.SplitSeq(c.Value, ",") {
				say(property, strings.TrimSpace(place))
			}
		}
		switch c.Path {
		case "background.birthDate":
			say("DATE_OF_BIRTH", c.Value)
		case "background.birthPlace":
			places("PLACE_OF_BIRTH")
		case "background.deathDate":
			say("DATE_OF_DEATH", c.Value)
		case "background.nationalities":
			say("NATIONALITY", c.Value)
		case "background.residences", "location":
			places("PLACE_OF_RESIDENCE")
		case "background.politicalParties":
			say("POLITICAL_AFFILIATION", c.Value)
		case "background.spouses":
			say("SPOUSE", c.Value)
		case "background.parents":
			say("CHILD_OF", c.Value)
		case "background.children":
			say("CHILD_OF", name) // the fact is the child's, its value the parent
		case "career.positions":
			say("EMPLOYEE_OR_MEMBER_OF", c.Detail["organization"])
		case "career.education":
			say("EDUCATED_AT", c.Detail["institution"])
		}
	}
	return out
}
