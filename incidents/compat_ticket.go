package incidents

import (
	"cmp"
	"strings"

	"sparky/internal/plaintext"
)

// How much of a compatibility run a ticket tells.
const (
	mostCasesTold = 20
	mostJobsTold  = 10
	mostLogTold   = 20
)

// trialText is the incident of a version that our integration does not work with, as TicketText gives it.
func trialText(i Incident) (summary, description string) {
	t := *i.Trial
	name := cmp.Or(oneLine(i.Name, 60), "A partner") + " " + oneLine(t.Version, 60)
	summary = name + " breaks our integration"
	if t.Unheard() {
		summary = name + ": the compatibility run could not tell whether it works"
	} else if !t.Different() {
		summary = strings.TrimSpace(name + ": the compatibility run failed " + inStep(t))
	} else if what := t.firstDifference(); what != "" {
		summary += ": " + what
	}
	blocks := []string{trialFacts(i, t), trialDifferences(t.Report), trialJobs(t.Failed), strings.Join(t.Notes, "\n"),
		"Sparky's name for this incident: " + i.ID}
	var filled []string
	for _, b := range blocks {
		if b != "" {
			filled = append(filled, b)
		}
	}
	return oneLine(summary, mostSummary), plaintext.Clip(strings.Join(filled, "\n\n"), mostDescription)
}

func inStep(t Trial) string {
	if step := t.FailedStep(); step != "" {
		return "in step " + step
	}
	return ""
}

// firstDifference is what broke, in one line; empty where no report tells.
func (t Trial) firstDifference() string {
	if t.Report == nil || len(t.Report.Cases) == 0 {
		return ""
	}
	text := t.Report.Cases[0].Message
	if text == "" {
		text = t.Report.Cases[0].Name
	}
	return strings.TrimSuffix(oneLine(text, 120), ".")
}

func trialFacts(i Incident, t Trial) string {
	lines := []string{"Our integration with " + i.Name + " was tried against version " + oneLine(t.Version, 80) + " and does not work with it. What runs today is not affected."}
	if !t.Different() {
		lines = []string{"The run that tries our integration with " + i.Name + " against version " + oneLine(t.Version, 80) +
			" failed without a report of the suite: it may be the version, or the run itself. What runs today is not affected."}
	}
	if t.Unheard() {
		lines = []string{"The run that tries our integration with " + i.Name + " against version " + oneLine(t.Version, 80) + " could not carry out all of its checks, and those" +
			" that it did found no difference: it may be the version, or what it ran against. Once that answers, let it run again. What runs today is not affected."}
	}
	if t.Effective != "" {
		lines = append(lines, "The version takes effect on "+t.Effective+".")
	} else {
		lines = append(lines, "No day is announced on which the version takes effect.")
	}
	if t.Announced != "" {
		lines = append(lines, "Announced: "+oneLine(t.Announced, 200)+linkTo(t.Link))
	}
	if t.URL != "" {
		lines = append(lines, "The run: "+t.URL)
	}
	if names := features(i.Affects); len(names) > 0 {
		lines = append(lines, "Features of ours behind it: "+strings.Join(names, ", ")+".")
	}
	if team := oneLine(i.Owner.Team, 80); team != "" {
		lines = append(lines, "The integration belongs to "+team+".")
	}
	return strings.Join(lines, "\n")
}

func trialDifferences(r *TestReport) string {
	if r == nil {
		return ""
	}
	heading := "What is different"
	if r.Failures <= r.Errors {
		heading = "What could not be tried"
	}
	lines := []string{heading + " (" + r.Counted() + ")"}
	for n, c := range r.Cases {
		if n == mostCasesTold {
			break
		}
		line := "- " + oneLine(c.Name, 150)
		if c.Message != "" {
			line += ": " + oneLine(c.Message, 400)
		}
		lines = append(lines, line)
	}
	if more := r.Failures - min(len(r.Cases), mostCasesTold); more > 0 {
		lines = append(lines, "- and "+counted(more, "other check"))
	}
	return strings.Join(lines, "\n")
}

func trialJobs(failed []FailedJob) string {
	if len(failed) == 0 {
		return ""
	}
	lines := []string{"Failed jobs"}
	for n, j := range failed {
		if n == mostJobsTold {
			lines = append(lines, "- and "+counted(len(failed)-n, "other job"))
			break
		}
		line := "- " + oneLine(j.Name, 150)
		if len(j.Steps) > 0 {
			line += ", step " + oneLine(strings.Join(j.Steps, ", "), 300)
		}
		lines = append(lines, line+linkTo(j.URL))
		for _, logged := range j.Log[max(0, len(j.Log)-mostLogTold):] {
			lines = append(lines, "    "+oneLine(logged, 300))
		}
	}
	return strings.Join(lines, "\n")
}
