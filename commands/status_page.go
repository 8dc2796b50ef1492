package commands

import (
	"cmp"
	"fmt"
	"time"

	"sparky/partners"
)

// partnerView is a partner's status page as far as it concerns us.
type partnerView struct {
	configured bool
	record     partners.StatusRecord
	status     partners.Status
}

func viewOf(p partners.Partner, records map[string]partners.StatusRecord, now time.Time) partnerView {
	v := partnerView{configured: !p.Status.IsZero()}
	record, ok := records[p.ID]
	switch {
	case !v.configured:
		v.status = partners.UnknownStatus("", "no status page is configured", time.Time{})
	case !ok:
		v.status = partners.UnknownStatus(p.Status.URL, "its status page was not read yet", time.Time{})
	default:
		v.record = record
		v.status = record.Status.Concerning(p.Status.Components)
		if age := now.Sub(record.Status.ReadAt); age > staleAfter {
			v.status.Level = partners.Unknown
			v.status.Problem = "its status page was last read " + Age(age) + " ago"
		}
	}
	return v
}

// failed tells whether the partner has trouble by its own word, or a status page that gives none.
func (v partnerView) failed() bool {
	return v.configured && v.status.Level != partners.Operational && v.status.Level != partners.Maintenance
}

func (v partnerView) line(name string, now time.Time) Line {
	line := Line{Mark: markOf(v.status.Level), Pieces: []Piece{{Text: name, Strong: true}}}
	text := " " + string(v.status.Level)
	switch {
	case v.status.Level == partners.Unknown:
		text += ": " + v.status.Problem
		if good := v.record.LastGood; !good.ReadAt.IsZero() && good.ReadAt.Before(v.status.ReadAt) {
			text += fmt.Sprintf("; last seen %s %s", good.Level, ago(good.ReadAt, now))
		}
	default:
		if headline := v.headline(); headline != "" {
			text += ": " + headline
		}
		text += ", read " + ago(v.status.ReadAt, now)
	}
	line.Pieces = append(line.Pieces, Piece{Text: text})
	return line
}

// headline is the name of what is going on, the newest first.
func (v partnerView) headline() string {
	for _, i := range v.status.Incidents {
		if i.Open() {
			return i.Name
		}
	}
	for _, w := range v.status.Windows {
		if w.InProgress {
			return w.Name
		}
	}
	return ""
}

func (v partnerView) fact(p partners.Partner) PartnerStatus {
	fact := PartnerStatus{Partner: p.ID, Name: p.Name, Level: v.status.Level, Since: v.record.Since}
	if v.configured {
		fact.Status = &v.status
	}
	return fact
}

func (v partnerView) sentence(name string, now time.Time) string {
	if v.status.Level == partners.Unknown {
		return sentence(fmt.Sprintf("%s: unknown, %s", name, v.status.Problem))
	}
	text := fmt.Sprintf("%s: %s by its own status page", name, v.status.Level)
	if headline := v.headline(); headline != "" {
		text += " (" + headline + ")"
	}
	return text + ", read " + ago(v.status.ReadAt, now) + "."
}

func (v partnerView) section(now time.Time) Section {
	first := Line{Mark: markOf(v.status.Level), Pieces: []Piece{{Text: capitalise(string(v.status.Level)), Strong: true}}}
	// Since when all is well only tells since when we look.
	if !v.record.Since.IsZero() && v.status.Level == v.record.Status.Level && v.status.Level != partners.Operational {
		first.Pieces = append(first.Pieces, Piece{Text: " since "}, At(v.record.Since))
	}
	section := Section{Lines: []Line{first}}
	if v.status.Problem != "" {
		section.Lines = append(section.Lines, Say(sentence(capitalise(v.status.Problem))))
	}
	if d := v.status.Description; d != "" && v.status.Level != partners.Unknown {
		section.Lines = append(section.Lines, Line{Pieces: []Piece{{Text: "In its own words: “" + d + "”"}}})
	}
	if !v.status.ReadAt.IsZero() {
		did := "Read "
		if v.status.Problem != "" {
			did = "Tried "
		}
		source := Line{Pieces: []Piece{{Text: did + ago(v.status.ReadAt, now) + ": ", Faint: true}}}
		source.Pieces = append(source.Pieces, Piece{Text: cmp.Or(partners.HostOf(v.status.Page), v.status.Page), Link: v.status.Page})
		section.Lines = append(section.Lines, source)
	}
	if bad := v.troubledComponents(); bad != "" {
		section.Lines = append(section.Lines, Say("Not operational: "+bad+"."))
	}
	return section
}
