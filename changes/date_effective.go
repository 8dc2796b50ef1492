package changes

import (
	"slices"
	"time"
)

// The words beside a day that tell what the day is.
var (
	deadlines = setOf(`effective deadline starting beginning final last scheduled until by before after required enforced
		cutoff begins starts takes`)
	prepositions = setOf("on by after from starting beginning effective until before of since as for")
	told         = setOf(`published updated posted announced announcement announce notice revised created modified released
		communicated shared introduced`)
	moves      = setOf("moved move moving postponed postpone pushed push delayed delaying delay extended extend extending rescheduled")
	plans      = setOf("would originally initially")
	sales      = setOf("sale sales end-of-sale")
	endNames   = setOf("when effective eol sunset retirement removal shutdown end-of-life enforced enforcement deadline end")
	daysOfEnd  = setOf("date deadline day timeline cutoff")
	fresh      = setOf("new updated revised") // before the word for the day: "the new deadline is …"
	formerDays = setOf("would originally original previously previous initially initial formerly earlier instead")
	rollouts   = setOf("rollout roll rolling rolled launch launching launched available brownout brownouts brown-out " +
		"brown-outs outage tests")
	past      = setOf("was were had")
	newcomers = setOf("newly create created creating creation register sign-up signups sign-ups onboard onboarding")
	// What is new comes first; what exists is what counts.
	comers = setOf("app apps customer customers project projects account accounts tenant tenants subscription subscriptions user " +
		"users org orgs organizations instances installations integrations workspaces deployments")
	dayNames  = setOf("eol sunset retirement removal shutdown end-of-life enforcement enforced deprecation")
	future    = setOf("will shall")
	startings = setOf("starting beginning effective deadline final")
)

// effective is the day from which the breaking or retiring change holds: the source's own field, or of all days in the
// text the one that most clearly is it. Entries that ask for no attention have none.
func (r reading) effective(e Entry) Date {
	if d := Date(r.deadline); !d.Time().IsZero() {
		return d
	}
	if !e.NeedsAttention() {
		return ""
	}
	var best Date
	most := 0
	for _, s := range r.all() {
		for n, m := range s.dates {
			if s.title && m.from == 0 && m.to == len(s.words) {
				continue // a title that is a day is the day of publication
			}
			if s.isStruckOut(n) || m.date.DaysFrom(r.reference(e)) > horizon {
				continue
			}
			if points := r.weighDate(s, m); points > most {
				best, most = m.date, points
			}
		}
	}
	if most < 3 {
		return ""
	}
	return best
}

// namesDay tells that a line is nothing but the name of the day on which something ends: "Effective from:".
func namesDay(line string) bool {
	words := tokensOf(line)
	if len(words) == 0 || len(words) > 4 {
		return false
	}
	for _, w := range words {
		if startings[w.word] || dayNames[w.word] {
			return true
		}
	}
	return false
}

// horizon is how many days ahead an announcement reaches. Days beyond are limits of formats and the like.
const horizon = 10 * 365

// reference is the day that the entry speaks from.
func (r reading) reference(e Entry) time.Time {
	if r.published.IsZero() {
		return e.FirstSeen
	}
	return r.published
}

// isStruckOut tells that day n is followed at once by another: pages strike an old day out, and plain text keeps both.
func (s statement) isStruckOut(n int) bool {
	return n+1 < len(s.dates) && s.dates[n+1].from == s.dates[n].to && s.words[s.dates[n].to].brk == 0
}

// weighDate is how much speaks for a day.
func (r reading) weighDate(s statement, m mention) int {
	plainly := r.plainly(s, m)
	points := 1 + s.nearestHit(m) + plainly
	near := func(words map[string]bool, before, after int) bool {
		return s.before(m.from, before, words) || s.after(m.to, after, words)
	}
	switch {
	case near(startings, 3, 0), near(deadlines, 3, 0):
		points += 2
	case near(prepositions, 2, 0):
		points++
	}
	if s.around(hit{to: len(s.words)}, 0, future) {
		points++
	}
	if near(told, 3, 3) {
		points -= 5
	}
	if near(formerDays, 5, 0) || s.wasPlanned(m) || s.before(m.from, 1, past) {
		points -= 8
	}
	if s.around(hit{from: max(0, m.from-4), to: m.from}, 0, sales) || s.endsSpan(m) {
		points -= 4
	}
	if m.from > 0 && s.words[m.from-1].word == "to" && slices.ContainsFunc(s.dates, func(d mention) bool { return d.to+1 == m.from && s.wasPlanned(d) }) {
		points += 4 // "moves from this day to that"
	}
	if s.label == signal(Removal) {
		points += 2
	}
	if m.from <= 4 && m.to == len(s.words) && s.around(hit{to: m.from}, 0, endNames) {
		points += 4 // "Effective from: 1 May 2027"
	}
	if s.isNewDay(m) {
		points += 3
	}
	if s.around(hit{from: 0, to: len(s.words)}, 0, rollouts) && (len(s.hits) == 0 || near(rollouts, 4, 2)) {
		points -= 3
	}
	if near(newcomers, 14, 10) || s.forNewcomers(m) {
		points -= 2
	}
	if s.isPutOff(m) || s.ofSomethingElse(m) {
		points -= 8
	}
	if len(s.hits)+plainly == 0 && s.tally[signal(New)] >= enough && !needsAttention(s.label) {
		points -= 2 // the day of what is new
	}
	if near(moves, 9, 0) {
		points += 3
	}
	if m.relative {
		points--
	}
	return points - r.overdue(m, near(past, 5, 0))
}

// overdue is what a day loses that was over when the entry was published, the more where the words are in the past.
func (r reading) overdue(m mention, told bool) int {
	day, points := m.date.Time(), 0
	if told && (r.published.IsZero() || day.Before(r.published.AddDate(0, 0, -1))) {
		points = 4
	}
	switch {
	case r.published.IsZero():
	case day.Before(r.published.AddDate(0, -3, 0)):
		points += 6
	case day.Before(r.published.AddDate(0, 0, -1)):
		points += 3
	}
	return points
}

// endsSpan tells that the day is the last of a span: "between July 1 and July 15". What begins then has begun before.
func (s statement) endsSpan(m mention) bool {
	for _, other := range s.dates {
		if other.from > 0 && s.words[other.from-1].word == "between" && other.to+1 == m.from && s.words[other.to].word == "and" {
			return true
		}
	}
	return false
}

// isPutOff tells that the day is said to hold no more, with none in its place: "is postponed until further notice".
func (s statement) isPutOff(m mention) bool {
	for i := m.to; i+1 < min(len(s.words), m.to+7); i++ {
		if s.words[i].word == "further" && s.words[i+1].word == "notice" {
			return true
		}
	}
	return false
}

// isNewDay tells that the day is said to take the place of another: "the new deadline is …".
func (s statement) isNewDay(m mention) bool {
	for i := m.from - 1; i > 0 && i > m.from-7; i-- {
		if daysOfEnd[s.words[i].word] && s.before(i, 3, fresh) {
			return !s.wasPlanned(m)
		}
	}
	return false
}

// wasPlanned tells that the day held once and does no more: "would end on …", "moves from this day to that".
func (s statement) wasPlanned(m mention) bool {
	for i := m.from - 1; i >= max(0, m.from-14); i-- {
		if plans[s.words[i].word] {
			return true
		}
		if s.words[i].brk == '.' || s.words[i].brk == ';' {
			break
		}
	}
	if m.from == 0 || s.words[m.from-1].word != "from" || !s.before(m.from, 9, moves) {
		return false
	}
	for _, other := range s.dates {
		if other.from > m.to && s.words[other.from-1].word == "to" {
			return true
		}
	}
	return false
}

// forNewcomers tells that the clause of the day is about those who come new: "new apps from May on".
func (s statement) forNewcomers(m mention) bool {
	for i := max(0, m.from-14); i+1 < min(len(s.words), m.to+10); i++ {
		if s.words[i].word != "new" || !comers[s.words[i+1].word] {
			continue
		}
		between := false
		for j := min(i, m.to) + 1; j <= max(i, m.from) && j < len(s.words); j++ {
			between = between || s.words[j].brk == ',' && j != m.to || s.words[j].brk == ';'
		}
		if !between {
			return true
		}
	}
	return false
}

// nearestHit is how strongly the statement says, near the day, that something stops or changes: from 0, where it says
// nothing of the kind, to 5.
func (s statement) nearestHit(m mention) int {
	best := 0
	if needsAttention(s.label) {
		best = 2
	}
	for _, h := range s.hits {
		points := h.points
		if h.says != signal(Deprecation) || h.scope&isEnd != 0 {
			points++
		}
		distance := max(m.from-h.to, h.from-m.to, 0)
		best = max(best, points-min(2, distance/7)-s.apart(m, h))
	}
	return min(best, 5)
}

// apart is what a cue loses that belongs to another day of the sentence or to the next clause.
func (s statement) apart(m mention, h hit) int {
	for _, other := range s.dates {
		if other.from >= h.to && other.to <= m.from || other.from >= m.to && other.to <= h.from {
			return 3
		}
	}
	if h.from < m.to || s.opensClause(m) {
		return 0
	}
	for i := m.to; i <= h.from && i < len(s.words); i++ {
		switch {
		case s.words[i].brk != 0, s.words[i].word == "and", s.words[i].word == "but", s.words[i].word == "while":
			return 2
		}
	}
	return 0
}

// opensClause tells that a clause begins with the day: "On 1 May 2027, we will …".
func (s statement) opensClause(m mention) bool {
	for i := m.from; i >= 0 && i > m.from-3; i-- {
		if i == 0 || s.words[i].brk != 0 {
			return true
		}
	}
	return false
}
