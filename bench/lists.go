package main

import "strings"

// The lists that biographies are drawn from, commonest first.
var (
	given = strings.Fields(`Maria Anna David Elena Thomas Sofia Daniel Laura Peter Nadia Martin Julia Samuel Irene Victor Clara Simon
		Amina Robert Leila Marco Ingrid Paul Yuki Omar Helena Jonas Priya Felix Rosa Adam Mei Ivan Fatima Oscar Nora Hugo Zainab Erik Carmen
		Tariq Astrid Kofi Beatriz Liam Wanjiru Mateo Signe Rahul Olga Emeka Ilse Diego Hana Pavel Nia Bruno Sunniva Arjun Maeve Tomas Ayesha`)

	surnameEnds = []string{"", "son", "ski", "er", "ez", "man", "li", "ova", "berg", "ton"}

	firmEnds = []string{"Systems", "Group", "Works", "Labs", "Foundation", "Partners", "Logistics", "Clinic", "Press", "Studio", "Energy", "Foods"}

	cities = lines(`London, United Kingdom|New York, United States|Berlin, Germany|Paris, France|Toronto, Canada|Madrid, Spain|Mumbai, India|Lagos, Nigeria|
		Amsterdam, Netherlands|Sydney, Australia|Nairobi, Kenya|Stockholm, Sweden|Rome, Italy|Lisbon, Portugal|Warsaw, Poland|São Paulo, Brazil|Osaka, Japan|
		Vienna, Austria|Dublin, Ireland|Oslo, Norway|Zurich, Switzerland|Cairo, Egypt|Seoul, South Korea|Prague, Czechia|Copenhagen, Denmark|Bogotá, Colombia|
		Accra, Ghana|Helsinki, Finland|Athens, Greece|Brussels, Belgium|Santiago, Chile|Manila, Philippines|Tallinn, Estonia|Lima, Peru|Porto, Portugal|
		Gothenburg, Sweden|Leipzig, Germany|Lyon, France|Valencia, Spain|Pune, India|Montreal, Canada|Wellington, New Zealand|Bergen, Norway|Tartu, Estonia|
		Graz, Austria|Cork, Ireland|Ghent, Belgium|Aarhus, Denmark|Turku, Finland|Brno, Czechia|Patras, Greece|Kumasi, Ghana|Mombasa, Kenya|Arequipa, Peru`)

	trades = lines(`software engineer|teacher|nurse|project manager|accountant|product manager|data scientist|physician|journalist|lawyer|civil engineer|
		designer|researcher|pharmacist|architect|electrician|translator|chef|social worker|biologist|librarian|photographer|carpenter|midwife|
		logistics coordinator|geologist|firefighter|museum curator|veterinarian|statistician|sound engineer|beekeeper|cartographer|glassblower|
		lighthouse keeper|organ builder|bookbinder|luthier`)

	fields = lines(`computer science|mathematics|biology|economics|history|law|medicine|nursing|physics|chemistry|architecture|linguistics|sociology|
		mechanical engineering|civil engineering|education|journalism|pharmacy|geography|philosophy`)

	skills = lines(`Python|Excel|project management|SQL|teaching|Java|negotiation|data analysis|JavaScript|public speaking|writing|Go|budgeting|statistics|
		Docker|mentoring|Linux|AutoCAD|first aid|PostgreSQL|Kubernetes|editing|machine learning|R|TypeScript|welding|research design|Photoshop|Terraform|
		bookkeeping|interviewing|C++|Rust|GIS|pharmacology|Figma|carpentry|Spark|MATLAB|phlebotomy|typography|soldering|Haskell|calligraphy|cheese making|
		sail repair|Erlang|topographic drawing|pipe voicing|gilding`)

	loves = lines(`hiking|reading|cooking|cycling|photography|football|travel|gardening|chess|running|music|painting|swimming|films|baking|climbing|sailing|
		pottery|birdwatching|choir singing|crossword puzzles|fencing|astronomy|kite flying|bell ringing|mushroom hunting|model railways|stone skipping`)

	goals = lines(`lead a team|learn another language|write a book|start a company|work abroad|finish a doctorate|build a house|teach at a university|
		open a small workshop|sail across the Atlantic|make healthcare affordable|plant a forest`)

	// Running prose, by frequency.
	prose = strings.Fields(`the and of to in a is that for on with as was by at it from has an are this which have be not their his her who were
		one also more about into years work other people when team many first new over after time several made they known most often across well
		than some such during small through project projects each later because local before community early between led large long design public
		research experience became part national service working under support students health development three program school system without
		learning international practice family quality business great award country published building training change clear history close young
		colleagues problems careful member methods management projects patients planning science growing writing education field careers numbers
		careful regional patience questions customers knowledge evidence festival language software quiet exhibitions technical village details
		conference volunteers decisions neighbours journal classroom workshop habits funding bridge harvest museum networks honest translation
		archive weather morning coastal laboratory instruments mountains library engine harbour discovery winter orchestra machines curious
		measurement gardens railway theatre newspaper apprentices forest letters clinics observatory marathon ceramics lanterns`)
)

// lines splits at bars, for entries of several words.
func lines(s string) []string {
	out := strings.Split(s, "|")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}
