package store

const childEnv = "SPARKY_STORE_TEST_CHILD"

func child([]string) int { return 0 }
