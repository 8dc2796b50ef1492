package changes

func breakingCues() []cue {
	const says = signal(Breaking)
	return concat(
		cues(says, 4, 0, `
			breaking change|changes|api|behavior|behaviour|schema|update|release
			^ breaking
			breaking $
			now .9 instead of
			backward|backwards|api incompatible|incompatibility|incompatibilities|incompat*
			backward-incompatible|backwards-incompatible
			not|isn't|non|longer .1 backward|backwards|backward-compatible|backwards-compatible
			incompatible change|changes|with|api
			will|would|may|might|could break
			behavior|behaviour|behavioral|behavioural|schema|contract change|changes|changed
			change|changes .1 in|to|of .4 behavior|behaviour
			behave|behaves differently
			schema|format|structure|signature|shape|payload|semantics .6 will change
			schema|format|structure|signature|shape|semantics .6 has|have|is|are .1 changed|changing
			changes|change|changed|changing .4 format|structure|schema|signature|type|types|semantics of|from|for|to
			type|types .3 is|are|was|has|have|will .1 changed|changing|change|different
			type|types changed|changes|changing
			type of the|a|this|each|every .4 changed|changes|changing
			changes|change .2 take* effect
			become|becomes .3 restricted|read-only|private|paid|stricter
			default|defaults .5 change|changed|changes|changing
			changes|change .2 be applied|enforced
			will|may|might .1 fail
			will .2 return|receive|get|see|respond|result .5 410|404|400|403|401|405|426|gone
			will .1 be .2 affected|impacted|broken|rejected|denied|refused|blocked|dropped|ignored
			changed .6 returned only
			only .1 be .1 returned|accepted|supported
			will|now .1 only|exclusively .1 accept|accepts|support|supports|allow|allows|work|works|return|returns|be|include*
			will .2 reject|block|refuse|deny|enforce
			now|new .1 reject*|enforced|enforces
			lower|lowered|reduced|lowering|reducing|decreased|decreasing|stricter|tighter .5 limit|limits|quota|quotas|lifetime|maximum|retention
			limit|limits|quota|quotas|retention|lifetime .6 be|been|is|are .1 lowered|reduced|decreased|shortened
			restrictions|restriction|limits|limit .4 be|been .1 enforced|introduced|imposed`),
		cues(says, 4, withThing, `
			renamed|rename|renames|renaming
			change|changed|changing|changes .1 name|names of
			changed|changes|change|changing .6 from .9 to
			will change
			certificate|certificates|ca .4 rotat*|expir*|chang*|chain
			moved|move|moving|migrated to .2 new|different
			move*|relocat* from .6 to
			split into
			no longer`),
		cues(says, 2, 0, `
			be|been|being renamed|restructured
			apps|app|integration|integrations|client|clients|customers|applications .2 affected|impacted|break
			take|takes|goes|go|into effect
			will change
			changed|changes`),
		cues(says, 4, inTitle, `
			upcoming|important|planned change|changes`),
		cues(says, 4, inTitle|withThing, `
			instead of
			change|changes|changing of|to|in`),
	)
}

func requirementCues() []cue {
	const says = signal(Breaking)
	return concat(
		cues(says, 4, 0, `
			will|now|be|become|becomes|becoming|made .2 required|mandatory|compulsory
			is|are now .1 required|mandatory|enforced
			now requires|must
			clients|apps|integrations|applications|requests|code .6 must
			must be .1 updated|migrated|upgraded|replaced|rotated|renewed
			will .1 require|need .9 to
			will .1 require
			must now
			required .1 action
			action required|needed
			take action
			enforcement .2 of|begins|starts|will|date
			begin|begins|start|starts|starting|beginning enforc*|requir*|reject*|block*|return*
			will .2 enforced|enforcing|mandated
			rais*|increas*|bump* .3 minimum
			minimum .4 version|versions|requirement .3 is|are|to|now|will|raised|increased|requirement|of
			minimum .3 version requirement
			to|and avoid .4 disruption|disruptions|interruption|interruptions|outage|outages|breakage|downtime|failure|failures
			to|will continue|continues|keep working|functioning|using|receiving
			fail|fails|failing with|unless|until .4 http|error|400|401|403|404|410|unauthorized|after
			need|needs|have|has to be .1 updated|migrated|upgraded|rewritten|replaced|recreated|re-authorized`),
		cues(says, 4, withDate, `
			will .2 return|receive|get|see|respond|result .5 error|errors|failure|failures
			you|they|customers|developers|apps|users|integrations|clients|admins|partners|all|requests|applications|integrators must
			must be|use|include|migrate|upgrade|update|switch|move|send|provide|specify|support|pass|set|adopt
			will need|have to
			need|needs|required to .1 migrate|update|upgrade|switch|move|use|replace|adopt|include
			is|are required
			requires`),
		cues(says, 4, inTitle, `
			required|mandatory|enforc*`),
		cues(says, 3, 0, `
			requires|needs|require|need .4 or later|newer|higher|above`),
		cues(says, 2, 0, `
			must .1 use|migrate|upgrade|update|switch|move|be
			need|needs|required .1 to .1 migrate|update|upgrade|switch|move|replace
			enforc*
			mandatory`),
	)
}
