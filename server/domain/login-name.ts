/** How login names are compared. */

/** NFKC and lower case, without blanks around it: so it is kept, and so it is looked for. */
export const normalizeLogin = (login: string): string => login.trim().normalize('NFKC').toLowerCase()
