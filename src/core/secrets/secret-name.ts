/** As expressions read it, and as the files and variables of the server are called. */
export const SECRET_NAME_PATTERN = /^[a-z][a-z0-9_]{0,99}$/;
export const SECRET_NAME_RULE = 'lower-case letters, digits and _, starting with a letter';
